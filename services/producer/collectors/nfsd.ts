/**
 * /proc/1/net/rpc/nfsd: what this machine was asked as an NFS server. Absent where the server is not loaded.
 *
 *   rc 5 61 902                  reply cache: hits, misses, not cached
 *   fh 0 0 0 0 0                 file handles: stale; the others are no longer counted
 *   io 4096000 51200             bytes read, written
 *   th 16 0 0.000 …              threads
 *   ra 64 0 0 0 0 0 0 0 0 0 0 0  read-ahead cache: size, a histogram, not found; until Linux 5.4
 *   net 968 3 965 6              packets, of those UDP, TCP; TCP connections
 *   rpc 968 6 1 2 3              calls; refused: all, malformed, unauthorised, unknown client
 *   proc3 22 0 71 0 …            how many follow; calls by procedure
 *   proc4ops 72 0 0 0 31 …       version 4's operations by number (RFC 7530, RFC 5661, RFC 7862)
 *   wdeleg_getattr 0             GETATTR that met a write delegation
 *
 * https://www.kernel.org/doc/html/latest/admin-guide/nfs/index.html
 */
import type { Collector } from '../collector.ts';
import { readNet } from '../host/protocol-files.ts';
import { callsOf, numberAt, parseRpcStats } from '../kernel/rpc-stats.ts';

/** By line and protocol version. A dash is what node_exporter has no name for. */
const METHODS = [
  [
    'proc2',
    '2',
    '- GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir FsStat',
  ],
  [
    'proc3',
    '3',
    `- GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir ReadDirPlus
    FsStat FsInfo PathConf Commit`,
  ],
  [
    'proc4ops',
    '4',
    `- - - Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify Open
    OpenAttr OpenConfirm OpenDgrd PutFH - - Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr
    SetClientID SetClientIDConfirm Verify Write RelLockOwner`,
  ],
] as const;

const READ_AHEAD_NOT_FOUND = 11;

export function nfsd(): Collector {
  return {
    name: 'nfsd',
    collect(host, emit) {
      const text = readNet(host, 'rpc/nfsd');
      if (text === undefined) return;
      const stats = parseRpcStats('/proc/net/rpc/nfsd', text);
      const at = (line: string, place: number) => numberAt(stats, line, place);
      emit('node_nfsd_reply_cache_hits_total', at('rc', 0));
      emit('node_nfsd_reply_cache_misses_total', at('rc', 1));
      emit('node_nfsd_reply_cache_nocache_total', at('rc', 2));
      emit('node_nfsd_file_handles_stale_total', at('fh', 0));
      emit('node_nfsd_disk_bytes_read_total', at('io', 0));
      emit('node_nfsd_disk_bytes_written_total', at('io', 1));
      emit('node_nfsd_server_threads', at('th', 0));
      emit('node_nfsd_read_ahead_cache_size_blocks', at('ra', 0));
      emit('node_nfsd_read_ahead_cache_not_found_total', at('ra', READ_AHEAD_NOT_FOUND));
      emit('node_nfsd_packets_total', at('net', 1), { proto: 'udp' });
      emit('node_nfsd_packets_total', at('net', 2), { proto: 'tcp' });
      emit('node_nfsd_connections_total', at('net', 3));
      emit('node_nfsd_server_rpcs_total', at('rpc', 0));
      emit('node_nfsd_rpc_errors_total', at('rpc', 2), { error: 'fmt' });
      emit('node_nfsd_rpc_errors_total', at('rpc', 3), { error: 'auth' });
      emit('node_nfsd_rpc_errors_total', at('rpc', 4), { error: 'cInt' });
      for (const [line, proto, methods] of METHODS) {
        const names = methods.split(/\s+/).map((name) => (name === '-' ? '' : name));
        for (const [method, count] of callsOf(stats, line, names)) {
          emit('node_nfsd_requests_total', count, { proto, method });
        }
      }
      emit('node_nfsd_requests_total', at('wdeleg_getattr', 0), { proto: '4', method: 'WdelegGetattr' });
    },
  };
}
