/**
 * /proc/1/net/rpc/nfs: what this machine asked of NFS servers. Absent where the client is not loaded.
 *
 *   net 70 1 69 4                packets, of those UDP, TCP; TCP connections
 *   rpc 8812 3 8820              calls, retransmissions, refreshes of authentication
 *   proc3 22 1 105 0 …           how many follow; calls by procedure
 *
 * Procedures stand in the order of the kernel's tables (include/linux/nfs4.h for version 4), newer kernels have more.
 * https://www.kernel.org/doc/html/latest/admin-guide/nfs/nfs-client.html
 */
import type { Collector } from '../collector.ts';
import { readNet } from '../host/protocol-files.ts';
import { callsOf, numberAt, parseRpcStats } from '../kernel/rpc-stats.ts';

const METHODS = {
  2: `Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir
    FsStat`,
  3: `Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir
    ReadDirPlus FsStat FsInfo PathConf Commit`,
  4: `Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID
    SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs
    ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID
    CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete LayoutGet GetDeviceInfo LayoutCommit LayoutReturn
    SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate DeAllocate
    LayoutStats Clone`,
} as const;

export function nfs(): Collector {
  return {
    name: 'nfs',
    collect(host, emit) {
      const text = readNet(host, 'rpc/nfs');
      if (text === undefined) return;
      const stats = parseRpcStats('/proc/net/rpc/nfs', text);
      emit('node_nfs_packets_total', numberAt(stats, 'net', 1), { protocol: 'udp' });
      emit('node_nfs_packets_total', numberAt(stats, 'net', 2), { protocol: 'tcp' });
      emit('node_nfs_connections_total', numberAt(stats, 'net', 3));
      emit('node_nfs_rpcs_total', numberAt(stats, 'rpc', 0));
      emit('node_nfs_rpc_retransmissions_total', numberAt(stats, 'rpc', 1));
      emit('node_nfs_rpc_authentication_refreshes_total', numberAt(stats, 'rpc', 2));
      for (const [proto, methods] of Object.entries(METHODS)) {
        for (const [method, count] of callsOf(stats, `proc${proto}`, methods.split(/\s+/))) {
          emit('node_nfs_requests_total', count, { proto, method });
        }
      }
    },
  };
}
