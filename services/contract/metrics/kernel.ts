/** CPUs, load, memory, pressure and what else the kernel counts about itself. */
import type { MetricTable } from './definition.ts';

const CPU = ['cpu'] as const;
/** The memory node is `exported_node`, which is what Prometheus makes of a label `node` where the target has one. */
const ZONE = ['exported_node', 'zone'] as const;

export const KERNEL_METRICS = {
  // cpu: /proc/stat
  node_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent in each mode.',
    labels: ['cpu', 'mode'],
  },
  node_cpu_guest_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent running guests (virtual machines), which its user and nice modes include.',
    labels: ['cpu', 'mode'],
  },

  // cpu: /sys/devices/system/cpu
  node_cpu_core_throttles_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times a core was slowed down because of heat.',
    labels: ['package', 'core'],
  },
  node_cpu_package_throttles_total: {
    type: 'counter',
    unit: 'count',
    help: 'Times a whole processor package was slowed down because of heat.',
    labels: ['package'],
  },
  node_cpu_isolated: {
    type: 'gauge',
    unit: 'boolean',
    help: 'A CPU that the scheduler leaves alone (isolcpus).',
    labels: CPU,
  },
  node_cpu_online: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether a CPU runs; on machines where CPUs can be taken out.',
    labels: CPU,
  },

  // cpufreq: /sys/devices/system/cpu/cpu*/cpufreq
  node_cpu_frequency_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'Frequency of a CPU as its hardware tells it.',
    labels: CPU,
  },
  node_cpu_frequency_avg_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'Average frequency of a CPU over the last moments, from counters of its hardware.',
    labels: CPU,
  },
  node_cpu_frequency_min_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'The lowest frequency a CPU can run at.',
    labels: CPU,
  },
  node_cpu_frequency_max_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'The highest frequency a CPU can run at.',
    labels: CPU,
  },
  node_cpu_scaling_frequency_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'The frequency that the kernel last set for a CPU or saw of it.',
    labels: CPU,
  },
  node_cpu_scaling_frequency_min_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'The lowest frequency a CPU is now allowed to run at.',
    labels: CPU,
  },
  node_cpu_scaling_frequency_max_hertz: {
    type: 'gauge',
    unit: 'hertz',
    help: 'The highest frequency a CPU is now allowed to run at.',
    labels: CPU,
  },
  node_cpu_scaling_governor: {
    type: 'gauge',
    unit: 'boolean',
    help: 'The frequency governors a CPU can have; 1 is the one that it has.',
    labels: ['cpu', 'governor'],
  },

  // cpuinfo (optional): /proc/cpuinfo
  node_cpu_info: {
    type: 'gauge',
    unit: 'info',
    help: 'Maker and model of each CPU, and where it sits.',
    labels: ['package', 'core', 'cpu', 'vendor', 'family', 'model', 'model_name', 'microcode', 'stepping', 'cachesize'],
  },

  // loadavg: /proc/loadavg
  node_load1: { type: 'gauge', unit: 'count', help: 'Load average over 1 minute.', labels: [] },
  node_load5: { type: 'gauge', unit: 'count', help: 'Load average over 5 minutes.', labels: [] },
  node_load15: { type: 'gauge', unit: 'count', help: 'Load average over 15 minutes.', labels: [] },

  // meminfo: /proc/meminfo
  'node_memory_*_bytes': { type: 'gauge', unit: 'bytes', help: 'The field * of /proc/meminfo, in bytes.', labels: [] },
  'node_memory_HugePages_*': {
    type: 'gauge',
    unit: 'count',
    help: 'The field HugePages_* of /proc/meminfo, a number of pages.',
    labels: [],
  },

  // pressure: /proc/pressure
  node_pressure_cpu_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for a CPU.',
    labels: [],
  },
  node_pressure_memory_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for memory.',
    labels: [],
  },
  node_pressure_memory_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for memory.',
    labels: [],
  },
  node_pressure_io_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for I/O.',
    labels: [],
  },
  node_pressure_io_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for I/O.',
    labels: [],
  },
  node_pressure_irq_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for interrupt handling.',
    labels: [],
  },

  // stat: /proc/stat
  node_context_switches_total: { type: 'counter', unit: 'count', help: 'Context switches since boot.', labels: [] },
  node_forks_total: { type: 'counter', unit: 'count', help: 'Processes and threads created since boot.', labels: [] },
  node_intr_total: { type: 'counter', unit: 'count', help: 'Interrupts served since boot.', labels: [] },
  node_boot_time_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'When the node booted, in seconds since the Unix epoch.',
    labels: [],
  },
  node_procs_running: { type: 'gauge', unit: 'count', help: 'Threads that run or could run.', labels: [] },
  node_procs_blocked: { type: 'gauge', unit: 'count', help: 'Threads that wait for I/O to complete.', labels: [] },

  // schedstat: /proc/schedstat
  node_schedstat_running_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds that tasks ran on a CPU.',
    labels: CPU,
  },
  node_schedstat_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds that runnable tasks waited for a CPU, all of them together.',
    labels: CPU,
  },
  node_schedstat_timeslices_total: {
    type: 'counter',
    unit: 'count',
    help: 'Time slices that a CPU gave to tasks.',
    labels: CPU,
  },

  // vmstat: /proc/vmstat
  'node_vmstat_*': { type: 'untyped', unit: 'count', help: 'The field * of /proc/vmstat.', labels: [] },

  // entropy: /proc/sys/kernel/random
  node_entropy_available_bits: {
    type: 'gauge',
    unit: 'count',
    help: 'Bits of entropy that the kernel holds.',
    labels: [],
  },
  node_entropy_pool_size_bits: {
    type: 'gauge',
    unit: 'count',
    help: 'Bits of entropy that the kernel can hold.',
    labels: [],
  },

  // filefd: /proc/sys/fs/file-nr
  node_filefd_allocated: { type: 'gauge', unit: 'count', help: 'Open files, of all processes.', labels: [] },
  node_filefd_maximum: { type: 'gauge', unit: 'count', help: 'Files that may be open, of all processes.', labels: [] },

  // kernel_hung: /proc/sys/kernel/hung_task_detect_count
  node_kernel_hung_tasks_total: {
    type: 'counter',
    unit: 'count',
    help: 'Tasks that hung for longer than the kernel puts up with, since boot.',
    labels: [],
  },

  // processes (optional): /proc/PID
  node_processes_pids: { type: 'gauge', unit: 'count', help: 'Processes.', labels: [] },
  node_processes_state: { type: 'gauge', unit: 'count', help: 'Processes in each state.', labels: ['state'] },
  node_processes_threads: { type: 'gauge', unit: 'count', help: 'Threads, of all processes.', labels: [] },
  node_processes_threads_state: {
    type: 'gauge',
    unit: 'count',
    help: 'Threads in each state.',
    labels: ['thread_state'],
  },
  node_processes_max_processes: {
    type: 'gauge',
    unit: 'count',
    help: 'The number that ids of processes and threads stay below.',
    labels: [],
  },
  node_processes_max_threads: { type: 'gauge', unit: 'count', help: 'Threads that there may be.', labels: [] },

  // interrupts (optional): /proc/interrupts
  node_interrupts_total: {
    type: 'counter',
    unit: 'count',
    help: 'Interrupts served by each CPU, by source.',
    labels: ['cpu', 'type', 'info', 'devices'],
  },

  // softirqs (optional): /proc/softirqs
  node_softirqs_functions_total: {
    type: 'counter',
    unit: 'count',
    help: 'Soft interrupts run by each CPU, by type.',
    labels: ['cpu', 'type'],
  },

  // buddyinfo (optional): /proc/buddyinfo
  node_buddyinfo_blocks: {
    type: 'gauge',
    unit: 'count',
    help: 'Free blocks of memory of 2^size pages.',
    labels: [...ZONE, 'size'],
  },

  // zoneinfo (optional): /proc/zoneinfo
  node_zoneinfo_nr_free_pages: { type: 'gauge', unit: 'count', help: 'Free pages.', labels: ZONE },
  node_zoneinfo_min_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Free pages below which only the kernel itself gets any.',
    labels: ZONE,
  },
  node_zoneinfo_low_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Free pages below which the kernel begins to reclaim.',
    labels: ZONE,
  },
  node_zoneinfo_high_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Free pages above which the kernel stops reclaiming.',
    labels: ZONE,
  },
  node_zoneinfo_scanned_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages scanned since some were last reclaimed.',
    labels: ZONE,
  },
  node_zoneinfo_spanned_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages from the first to the last, holes included.',
    labels: ZONE,
  },
  node_zoneinfo_present_pages: { type: 'gauge', unit: 'count', help: 'Pages of physical memory.', labels: ZONE },
  node_zoneinfo_managed_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages that the allocator may hand out.',
    labels: ZONE,
  },
  node_zoneinfo_nr_active_anon_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Anonymous pages used lately.',
    labels: ZONE,
  },
  node_zoneinfo_nr_inactive_anon_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Anonymous pages not used lately.',
    labels: ZONE,
  },
  node_zoneinfo_nr_isolated_anon_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Anonymous pages taken off their list for a moment.',
    labels: ZONE,
  },
  node_zoneinfo_nr_anon_pages: { type: 'gauge', unit: 'count', help: 'Anonymous pages in use.', labels: ZONE },
  node_zoneinfo_nr_anon_transparent_hugepages: {
    type: 'gauge',
    unit: 'count',
    help: 'Anonymous transparent huge pages in use.',
    labels: ZONE,
  },
  node_zoneinfo_nr_active_file_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of files used lately.',
    labels: ZONE,
  },
  node_zoneinfo_nr_inactive_file_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of files not used lately.',
    labels: ZONE,
  },
  node_zoneinfo_nr_isolated_file_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of files taken off their list for a moment.',
    labels: ZONE,
  },
  node_zoneinfo_nr_file_pages: { type: 'gauge', unit: 'count', help: 'Pages of files.', labels: ZONE },
  node_zoneinfo_nr_slab_reclaimable_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Slab pages that can be reclaimed.',
    labels: ZONE,
  },
  node_zoneinfo_nr_slab_unreclaimable_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Slab pages that cannot be reclaimed.',
    labels: ZONE,
  },
  node_zoneinfo_nr_mlock_stack_pages: { type: 'gauge', unit: 'count', help: 'Pages locked into memory.', labels: ZONE },
  node_zoneinfo_nr_kernel_stacks: {
    type: 'gauge',
    unit: 'count',
    help: 'Size of the kernel stacks, in KiB.',
    labels: ZONE,
  },
  node_zoneinfo_nr_mapped_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of files mapped into processes.',
    labels: ZONE,
  },
  node_zoneinfo_nr_dirty_pages: { type: 'gauge', unit: 'count', help: 'Pages waiting to be written.', labels: ZONE },
  node_zoneinfo_nr_writeback_pages: { type: 'gauge', unit: 'count', help: 'Pages being written.', labels: ZONE },
  node_zoneinfo_nr_unevictable_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages that cannot be reclaimed.',
    labels: ZONE,
  },
  node_zoneinfo_nr_shmem_pages: {
    type: 'gauge',
    unit: 'count',
    help: 'Pages of shared memory and tmpfs.',
    labels: ZONE,
  },
  'node_zoneinfo_protection_*': {
    type: 'gauge',
    unit: 'count',
    help: 'Free pages held back from allocations that could use a higher zone, number *.',
    labels: ZONE,
  },
  node_zoneinfo_nr_dirtied_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages made dirty since boot.',
    labels: ZONE,
  },
  node_zoneinfo_nr_written_total: { type: 'counter', unit: 'count', help: 'Pages written since boot.', labels: ZONE },
  node_zoneinfo_numa_hit_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages allocated on the node that was meant.',
    labels: ZONE,
  },
  node_zoneinfo_numa_miss_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages allocated here because the node that was meant had none.',
    labels: ZONE,
  },
  node_zoneinfo_numa_foreign_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages meant for here and allocated elsewhere.',
    labels: ZONE,
  },
  node_zoneinfo_numa_interleave_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages allocated here by interleaving.',
    labels: ZONE,
  },
  node_zoneinfo_numa_local_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages allocated here by a CPU of this node.',
    labels: ZONE,
  },
  node_zoneinfo_numa_other_total: {
    type: 'counter',
    unit: 'count',
    help: 'Pages allocated here by a CPU of another node.',
    labels: ZONE,
  },
} as const satisfies MetricTable;
