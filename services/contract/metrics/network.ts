/** Network interfaces and protocols. */
import type { MetricTable } from './definition.ts';
import { FABRIC_METRICS } from './fabric.ts';

const NETWORK = ['device'] as const;
const NETWORK_INFO = ['device', 'address', 'broadcast', 'duplex', 'operstate', 'adminstate', 'ifalias'] as const;
const CPU = ['cpu'] as const;
const IPVS = ['local_address', 'local_port', 'remote_address', 'remote_port', 'proto', 'local_mark'] as const;
const NFS = ['proto', 'method'] as const;

export const NETWORK_METRICS = {
  // netdev: /proc/1/net/dev
  node_network_receive_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes received.', labels: NETWORK },
  node_network_receive_packets_total: { type: 'counter', unit: 'count', help: 'Packets received.', labels: NETWORK },
  node_network_receive_errs_total: { type: 'counter', unit: 'count', help: 'Errors on receiving.', labels: NETWORK },
  node_network_receive_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Received packets dropped.',
    labels: NETWORK,
  },
  node_network_receive_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on receiving.',
    labels: NETWORK,
  },
  node_network_receive_frame_total: { type: 'counter', unit: 'count', help: 'Framing errors.', labels: NETWORK },
  node_network_receive_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets received.',
    labels: NETWORK,
  },
  node_network_receive_multicast_total: {
    type: 'counter',
    unit: 'count',
    help: 'Multicast packets received.',
    labels: NETWORK,
  },
  node_network_transmit_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes sent.', labels: NETWORK },
  node_network_transmit_packets_total: { type: 'counter', unit: 'count', help: 'Packets sent.', labels: NETWORK },
  node_network_transmit_errs_total: { type: 'counter', unit: 'count', help: 'Errors on sending.', labels: NETWORK },
  node_network_transmit_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets dropped before sending.',
    labels: NETWORK,
  },
  node_network_transmit_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on sending.',
    labels: NETWORK,
  },
  node_network_transmit_colls_total: { type: 'counter', unit: 'count', help: 'Collisions detected.', labels: NETWORK },
  node_network_transmit_carrier_total: {
    type: 'counter',
    unit: 'count',
    help: 'Losses of carrier on sending.',
    labels: NETWORK,
  },
  node_network_transmit_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets sent.',
    labels: NETWORK,
  },
  node_network_receive_nohandler_total: {
    type: 'counter',
    unit: 'count',
    help: 'Received packets that no protocol wanted.',
    labels: NETWORK,
  },

  // netclass: /sys/class/net
  node_network_up: { type: 'gauge', unit: 'boolean', help: 'Whether the interface is operational.', labels: NETWORK },
  node_network_info: {
    type: 'gauge',
    unit: 'info',
    help: 'What an interface is called and how it is set up.',
    labels: NETWORK_INFO,
  },
  node_network_address_assign_type: {
    type: 'gauge',
    unit: 'count',
    help: 'How the interface got its address: 0 permanent, 1 random, 2 stolen, 3 set.',
    labels: NETWORK,
  },
  node_network_carrier: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether the interface has a carrier.',
    labels: NETWORK,
  },
  node_network_carrier_changes_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the carrier came or went.',
    labels: NETWORK,
  },
  node_network_carrier_up_changes_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the carrier came.',
    labels: NETWORK,
  },
  node_network_carrier_down_changes_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the carrier went.',
    labels: NETWORK,
  },
  node_network_device_id: {
    type: 'gauge',
    unit: 'count',
    help: 'Number that tells apart interfaces which share an address.',
    labels: NETWORK,
  },
  node_network_dormant: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether the interface waits for something outside, such as authentication.',
    labels: NETWORK,
  },
  node_network_flags: {
    type: 'gauge',
    unit: 'count',
    help: 'The flags of the interface as a number (IFF_UP is 1).',
    labels: NETWORK,
  },
  node_network_iface_id: { type: 'gauge', unit: 'count', help: 'Number of the interface.', labels: NETWORK },
  node_network_iface_link: {
    type: 'gauge',
    unit: 'count',
    help: 'Number of the interface that this one is stacked upon, or its own.',
    labels: NETWORK,
  },
  node_network_iface_link_mode: {
    type: 'gauge',
    unit: 'count',
    help: 'Mode of the link: 0 default, 1 dormant.',
    labels: NETWORK,
  },
  node_network_mtu_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'The largest packet the interface carries.',
    labels: NETWORK,
  },
  node_network_name_assign_type: {
    type: 'gauge',
    unit: 'count',
    help: 'How the interface got its name: 1 enumerated, 2 predictable, 3 by a user, 4 renamed.',
    labels: NETWORK,
  },
  node_network_net_dev_group: {
    type: 'gauge',
    unit: 'count',
    help: 'Group that the interface belongs to.',
    labels: NETWORK,
  },
  node_network_protocol_type: {
    type: 'gauge',
    unit: 'count',
    help: 'Type of the hardware (ARPHRD, 1 is Ethernet).',
    labels: NETWORK,
  },
  node_network_speed_bytes: { type: 'gauge', unit: 'bytes', help: 'Speed of the link, per second.', labels: NETWORK },
  node_network_transmit_queue_length: {
    type: 'gauge',
    unit: 'count',
    help: 'Packets that the transmit queue holds at most.',
    labels: NETWORK,
  },

  // netstat: /proc/1/net/netstat, snmp and snmp6
  'node_netstat_*': {
    type: 'untyped',
    unit: 'count',
    help: 'The field * of the network protocols, as /proc/net names it.',
    labels: [],
  },

  // sockstat: /proc/1/net/sockstat and sockstat6
  node_sockstat_sockets_used: { type: 'gauge', unit: 'count', help: 'Sockets in use.', labels: [] },
  node_sockstat_TCP_inuse: { type: 'gauge', unit: 'count', help: 'TCP sockets in use over IPv4.', labels: [] },
  node_sockstat_TCP6_inuse: { type: 'gauge', unit: 'count', help: 'TCP sockets in use over IPv6.', labels: [] },
  node_sockstat_UDP_inuse: { type: 'gauge', unit: 'count', help: 'UDP sockets in use over IPv4.', labels: [] },
  node_sockstat_UDP6_inuse: { type: 'gauge', unit: 'count', help: 'UDP sockets in use over IPv6.', labels: [] },
  node_sockstat_UDPLITE_inuse: { type: 'gauge', unit: 'count', help: 'UDP-Lite sockets in use over IPv4.', labels: [] },
  node_sockstat_UDPLITE6_inuse: {
    type: 'gauge',
    unit: 'count',
    help: 'UDP-Lite sockets in use over IPv6.',
    labels: [],
  },
  node_sockstat_RAW_inuse: { type: 'gauge', unit: 'count', help: 'Raw sockets in use over IPv4.', labels: [] },
  node_sockstat_RAW6_inuse: { type: 'gauge', unit: 'count', help: 'Raw sockets in use over IPv6.', labels: [] },
  node_sockstat_TCP_orphan: { type: 'gauge', unit: 'count', help: 'TCP sockets that no process holds.', labels: [] },
  node_sockstat_TCP_tw: { type: 'gauge', unit: 'count', help: 'TCP sockets in the state TIME_WAIT.', labels: [] },
  node_sockstat_TCP_alloc: { type: 'gauge', unit: 'count', help: 'TCP sockets allocated.', labels: [] },
  node_sockstat_TCP_mem: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of memory that TCP holds in buffers.',
    labels: [],
  },
  node_sockstat_TCP_mem_bytes: { type: 'gauge', unit: 'bytes', help: 'Memory that TCP holds in buffers.', labels: [] },
  node_sockstat_UDP_mem: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of memory that UDP holds in buffers.',
    labels: [],
  },
  node_sockstat_UDP_mem_bytes: { type: 'gauge', unit: 'bytes', help: 'Memory that UDP holds in buffers.', labels: [] },
  node_sockstat_FRAG_inuse: {
    type: 'gauge',
    unit: 'count',
    help: 'IPv4 packets being put together from fragments.',
    labels: [],
  },
  node_sockstat_FRAG_memory: {
    type: 'gauge',
    unit: 'count',
    help: 'Bytes of memory that fragments of IPv4 packets take.',
    labels: [],
  },
  node_sockstat_FRAG6_inuse: {
    type: 'gauge',
    unit: 'count',
    help: 'IPv6 packets being put together from fragments.',
    labels: [],
  },
  node_sockstat_FRAG6_memory: {
    type: 'gauge',
    unit: 'count',
    help: 'Bytes of memory that fragments of IPv6 packets take.',
    labels: [],
  },

  // softnet: /proc/net/softnet_stat
  node_softnet_processed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets that the CPU took from its queues.',
    labels: CPU,
  },
  node_softnet_dropped_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets dropped because the queue of the CPU was full.',
    labels: CPU,
  },
  node_softnet_times_squeezed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the CPU had to stop with packets left over.',
    labels: CPU,
  },
  node_softnet_cpu_collision_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the CPU found the lock of a device held when sending.',
    labels: CPU,
  },
  node_softnet_received_rps_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that another CPU woke this one to take packets.',
    labels: CPU,
  },
  node_softnet_flow_limit_count_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets dropped because one flow filled the queue.',
    labels: CPU,
  },
  node_softnet_backlog_len: { type: 'gauge', unit: 'count', help: 'Packets waiting for the CPU.', labels: CPU },

  // udp_queues: /proc/1/net/udp and udp6
  node_udp_queues: {
    type: 'gauge',
    unit: 'count',
    help: 'Bytes waiting in the queues of UDP sockets.',
    labels: ['queue', 'ip'],
  },

  // tcpstat: /proc/1/net/tcp and tcp6
  node_tcp_connection_states: {
    type: 'gauge',
    unit: 'count',
    help: 'TCP connections by state, and bytes waiting in their queues.',
    labels: ['state'],
  },

  // conntrack: /proc/1/net/stat/nf_conntrack
  node_nf_conntrack_entries: { type: 'gauge', unit: 'count', help: 'Connections tracked.', labels: [] },
  node_nf_conntrack_entries_limit: {
    type: 'gauge',
    unit: 'count',
    help: 'Connections that can be tracked at most.',
    labels: [],
  },
  node_nf_conntrack_stat_found: {
    type: 'gauge',
    unit: 'count',
    help: 'Searches for a connection that found one.',
    labels: [],
  },
  node_nf_conntrack_stat_invalid: { type: 'gauge', unit: 'count', help: 'Packets that cannot be tracked.', labels: [] },
  node_nf_conntrack_stat_ignore: {
    type: 'gauge',
    unit: 'count',
    help: 'Packets that belong to a tracked connection already or need no tracking.',
    labels: [],
  },
  node_nf_conntrack_stat_insert: {
    type: 'gauge',
    unit: 'count',
    help: 'Connections entered into the table.',
    labels: [],
  },
  node_nf_conntrack_stat_insert_failed: {
    type: 'gauge',
    unit: 'count',
    help: 'Connections that could not be entered into the table.',
    labels: [],
  },
  node_nf_conntrack_stat_drop: {
    type: 'gauge',
    unit: 'count',
    help: 'Packets dropped because their connection could not be tracked.',
    labels: [],
  },
  node_nf_conntrack_stat_early_drop: {
    type: 'gauge',
    unit: 'count',
    help: 'Connections dropped to make room for new ones.',
    labels: [],
  },
  node_nf_conntrack_stat_search_restart: {
    type: 'gauge',
    unit: 'count',
    help: 'Searches begun anew because the table was resized.',
    labels: [],
  },

  // arp: /proc/1/net/arp
  node_arp_entries: { type: 'gauge', unit: 'count', help: 'Neighbours in the ARP table.', labels: NETWORK },

  // bonding: /sys/class/net
  node_bonding_slaves: { type: 'gauge', unit: 'count', help: 'Interfaces bonded to one.', labels: ['master'] },
  node_bonding_active: {
    type: 'gauge',
    unit: 'count',
    help: 'Interfaces bonded to one whose link works.',
    labels: ['master'],
  },

  // ipvs: /proc/1/net/ip_vs_stats and ip_vs
  node_ipvs_connections_total: { type: 'counter', unit: 'count', help: 'Connections that IPVS forwarded.', labels: [] },
  node_ipvs_incoming_packets_total: { type: 'counter', unit: 'count', help: 'Packets to IPVS services.', labels: [] },
  node_ipvs_outgoing_packets_total: { type: 'counter', unit: 'count', help: 'Packets from IPVS services.', labels: [] },
  node_ipvs_incoming_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes to IPVS services.', labels: [] },
  node_ipvs_outgoing_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes from IPVS services.', labels: [] },
  node_ipvs_backend_connections_active: {
    type: 'gauge',
    unit: 'count',
    help: 'Active connections to a server behind an IPVS service.',
    labels: IPVS,
  },
  node_ipvs_backend_connections_inactive: {
    type: 'gauge',
    unit: 'count',
    help: 'Inactive connections to a server behind an IPVS service.',
    labels: IPVS,
  },
  node_ipvs_backend_weight: {
    type: 'gauge',
    unit: 'count',
    help: 'Weight of a server behind an IPVS service.',
    labels: IPVS,
  },

  // nfs: /proc/1/net/rpc/nfs
  node_nfs_packets_total: { type: 'counter', unit: 'count', help: 'Packets of the NFS client.', labels: ['protocol'] },
  node_nfs_connections_total: {
    type: 'counter',
    unit: 'count',
    help: 'TCP connections that the NFS client made.',
    labels: [],
  },
  node_nfs_rpcs_total: { type: 'counter', unit: 'count', help: 'Calls of the NFS client.', labels: [] },
  node_nfs_rpc_retransmissions_total: {
    type: 'counter',
    unit: 'count',
    help: 'Calls that the NFS client had to send again.',
    labels: [],
  },
  node_nfs_rpc_authentication_refreshes_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times that the NFS client had to renew its credentials.',
    labels: [],
  },
  node_nfs_requests_total: {
    type: 'counter',
    unit: 'count',
    help: 'Calls of the NFS client by procedure.',
    labels: NFS,
  },

  // nfsd: /proc/1/net/rpc/nfsd
  node_nfsd_reply_cache_hits_total: {
    type: 'counter',
    unit: 'count',
    help: 'Requests that the NFS server answered from its reply cache.',
    labels: [],
  },
  node_nfsd_reply_cache_misses_total: {
    type: 'counter',
    unit: 'count',
    help: 'Requests whose answer the NFS server put into its reply cache.',
    labels: [],
  },
  node_nfsd_reply_cache_nocache_total: {
    type: 'counter',
    unit: 'count',
    help: 'Requests to the NFS server whose answer needs no cache.',
    labels: [],
  },
  node_nfsd_file_handles_stale_total: {
    type: 'counter',
    unit: 'count',
    help: 'Stale file handles that the NFS server was shown.',
    labels: [],
  },
  node_nfsd_disk_bytes_read_total: {
    type: 'counter',
    unit: 'count',
    help: 'Bytes that the NFS server read from disks.',
    labels: [],
  },
  node_nfsd_disk_bytes_written_total: {
    type: 'counter',
    unit: 'count',
    help: 'Bytes that the NFS server wrote to disks.',
    labels: [],
  },
  node_nfsd_server_threads: { type: 'gauge', unit: 'count', help: 'Threads of the NFS server.', labels: [] },
  node_nfsd_read_ahead_cache_size_blocks: {
    type: 'gauge',
    unit: 'count',
    help: 'Size of the read-ahead cache of the NFS server.',
    labels: [],
  },
  node_nfsd_read_ahead_cache_not_found_total: {
    type: 'counter',
    unit: 'count',
    help: 'Reads that the read-ahead cache of the NFS server did not foresee.',
    labels: [],
  },
  node_nfsd_packets_total: { type: 'counter', unit: 'count', help: 'Packets of the NFS server.', labels: ['proto'] },
  node_nfsd_connections_total: {
    type: 'counter',
    unit: 'count',
    help: 'TCP connections to the NFS server.',
    labels: [],
  },
  node_nfsd_server_rpcs_total: { type: 'counter', unit: 'count', help: 'Calls to the NFS server.', labels: [] },
  node_nfsd_rpc_errors_total: {
    type: 'counter',
    unit: 'count',
    help: 'Calls that the NFS server refused.',
    labels: ['error'],
  },
  node_nfsd_requests_total: {
    type: 'counter',
    unit: 'count',
    help: 'Calls to the NFS server by procedure.',
    labels: NFS,
  },

  ...FABRIC_METRICS,
} as const satisfies MetricTable;
