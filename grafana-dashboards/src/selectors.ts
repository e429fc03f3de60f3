/** Which series and lines a query is about: what is chosen above the dashboard, under the labels that each kind has. */

/** The one node that is looked at. */
export const NODE = 'cluster="$cluster",node="$node"';
/** The nodes that are chosen. */
export const NODES = 'cluster=~"$cluster",node=~"$node"';
/** What the consumers say about themselves is of no node. */
export const CONSUMERS = 'namespace=~"$namespace"';

/** Without what is in memory, in another file system, or cannot be written. */
export const REAL_FILESYSTEMS = 'fstype!~"tmpfs|ramfs|squashfs|overlay|iso9660|erofs"';
/** Disks, not what is made of them, so that no byte counts twice. */
export const DISKS = 'device!~"dm-.*|md.*|loop.*|ram.*|sr.*|zram.*"';
/** Network cards, not what pods, bridges and bonds make of them. */
export const NETWORK_CARDS =
  'device!~"lo|bond.*|br.*|cali.*|cilium.*|cni.*|docker.*|dummy.*|flannel.*|gre.*|ip6tnl.*|ipvs.*|kube.*|lxc.*|nodelocaldns|sit.*|tap.*|tun.*|veth.*|virbr.*|vxlan.*|wg.*"';

/** The alert log: one line for each alert that became something else, and one for many in a storm. */
export const ALERT_LOG = 'event="alert"';
export const ALERT_LOG_HERE = `${ALERT_LOG},${CONSUMERS}`;
/** Structured metadata, so no line has to be parsed for it. A line for many nodes has no node: all nodes include it. */
export const ABOUT_NODE = 'cluster="$cluster" | node="$node"';
export const ABOUT_NODES = 'cluster=~"$cluster" | node=~"$node"';

/** Nothing found is none, for nodes that are known at all. @param expr a sum over nodes without labels. */
export const orNone = (expr: string, nodes: string): string => `${expr} or 0 * count(sysmon_node_up{${nodes}})`;
