/** What the node is, and how measuring it went. */
import type { MetricTable } from './definition.ts';

const COLLECTOR = ['collector'] as const;
const WATCHDOG = ['name'] as const;

export const IDENTITY_METRICS = {
  // uname: /proc/sys/kernel
  node_uname_info: {
    type: 'gauge',
    unit: 'info',
    help: "The node's operating system and name, as uname(2) tells them.",
    labels: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
  },

  // os: /etc/os-release
  node_os_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The distribution, as its os-release file tells it.',
    labels: [
      'build_id',
      'id',
      'id_like',
      'image_id',
      'image_version',
      'name',
      'pretty_name',
      'variant',
      'variant_id',
      'version',
      'version_codename',
      'version_id',
    ],
  },
  node_os_version: {
    type: 'gauge',
    unit: 'count',
    help: "The distribution's version, as far as it is a number: major.minor.",
    labels: ['id', 'id_like', 'name'],
  },
  node_os_support_end_timestamp_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'When support for the distribution ends, in seconds since the Unix epoch.',
    labels: [],
  },

  // dmi: /sys/class/dmi/id
  node_dmi_info: {
    type: 'gauge',
    unit: 'info',
    help: 'Maker, model and firmware of the machine; empty is what it does not tell, or only to root.',
    labels: [
      'bios_date',
      'bios_release',
      'bios_vendor',
      'bios_version',
      'board_asset_tag',
      'board_name',
      'board_serial',
      'board_vendor',
      'board_version',
      'chassis_asset_tag',
      'chassis_serial',
      'chassis_vendor',
      'chassis_version',
      'product_family',
      'product_name',
      'product_serial',
      'product_sku',
      'product_uuid',
      'product_version',
      'system_vendor',
    ],
  },

  // time: the clock and /sys/devices/system/clocksource
  node_time_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: "The node's clock, in seconds since the Unix epoch.",
    labels: [],
  },
  node_time_clocksource_available_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The hardware clocks that the kernel could use.',
    labels: ['device', 'clocksource'],
  },
  node_time_clocksource_current_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The hardware clock that the kernel uses.',
    labels: ['device', 'clocksource'],
  },

  // timezone: /etc/localtime
  node_time_zone_offset_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: "How far the node's time zone is ahead of UTC now.",
    labels: ['time_zone'],
  },

  // selinux: /sys/fs/selinux and /etc/selinux/config
  node_selinux_enabled: { type: 'gauge', unit: 'boolean', help: 'Whether the kernel runs SELinux.', labels: [] },
  node_selinux_current_mode: {
    type: 'gauge',
    unit: 'count',
    help: 'What SELinux does with what it forbids: 1 is enforcing, 0 permissive.',
    labels: [],
  },
  node_selinux_config_mode: {
    type: 'gauge',
    unit: 'count',
    help: 'What SELinux does after the next boot: 1 is enforcing, 0 permissive, -1 disabled.',
    labels: [],
  },

  // watchdog: /sys/class/watchdog
  node_watchdog_info: {
    type: 'gauge',
    unit: 'info',
    help: 'A watchdog timer and its state.',
    labels: ['name', 'options', 'identity', 'state', 'status', 'pretimeout_governor'],
  },
  node_watchdog_bootstatus: {
    type: 'gauge',
    unit: 'count',
    help: 'What the watchdog says about the last boot, as bits.',
    labels: WATCHDOG,
  },
  node_watchdog_fw_version: {
    type: 'gauge',
    unit: 'count',
    help: "The version of the watchdog's firmware.",
    labels: WATCHDOG,
  },
  node_watchdog_nowayout: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether the watchdog cannot be stopped any more once it runs.',
    labels: WATCHDOG,
  },
  node_watchdog_timeleft_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Seconds until the watchdog resets the machine.',
    labels: WATCHDOG,
  },
  node_watchdog_timeout_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Seconds that the watchdog waits for a sign of life.',
    labels: WATCHDOG,
  },
  node_watchdog_pretimeout_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Seconds before the reset at which the watchdog warns.',
    labels: WATCHDOG,
  },
  node_watchdog_access_cs0: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether the watchdog booted from the second flash chip.',
    labels: WATCHDOG,
  },

  // about the collectors themselves
  node_scrape_collector_duration_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long a collector took.',
    labels: COLLECTOR,
  },
  node_scrape_collector_success: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether a collector read everything it looks for.',
    labels: COLLECTOR,
  },
} as const satisfies MetricTable;
