/** How precisely the kernel tells a figure. Always down, so that what only grows still does when it is told. */

/** Ticks of a hundredth of a second. */
export const ticks = (seconds: number): number => Math.floor(seconds * 100) / 100;
export const milliseconds = (seconds: number): number => Math.floor(seconds * 1e3) / 1e3;
export const microseconds = (seconds: number): number => Math.floor(seconds * 1e6) / 1e6;
export const whole = Math.floor;
/** kB, as /proc/meminfo tells memory. */
export const kilobytes = (bytes: number): number => Math.floor(bytes / 1024) * 1024;
/** Blocks, as file systems count. */
export const blocks = (bytes: number): number => Math.floor(bytes / 4096) * 4096;
