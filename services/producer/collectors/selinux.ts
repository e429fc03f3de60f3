/**
 * SELinux: whether it is on, whether it enforces, and what it is set to from the next boot on.
 *
 *   /sys/fs/selinux/enforce   1 or 0; the directory is there, and empty, where the file system is not mounted
 *   /etc/selinux/config       SELINUX=enforcing, permissive or disabled
 *
 * Where the kernel has SELinux and the file cannot be seen, which is how containers hide it, nothing is said.
 * https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/9/html/using_selinux/changing-selinux-states-and-modes_using-selinux
 */
import type { Collector } from '../collector.ts';
import { decimal } from '../kernel/text.ts';

const DISABLED = -1;
const MODES: Readonly<Record<string, number>> = { enforcing: 1, permissive: 0, disabled: DISABLED };

export function selinux(): Collector {
  return {
    name: 'selinux',
    needs: ['root'],
    collect(host, emit) {
      const systems = host.list('sys/fs');
      if (systems.length === 0) return;
      const enforce = systems.includes('selinux') ? host.read('sys/fs/selinux/enforce') : undefined;
      const config = systems.includes('selinux') ? host.peek('etc/selinux/config') : undefined;
      if (enforce === undefined) {
        const off = !systems.includes('selinux') || parseConfigMode(config) === DISABLED;
        emit('node_selinux_enabled', off ? 0 : undefined);
        return;
      }
      emit('node_selinux_enabled', 1);
      emit('node_selinux_current_mode', decimal(enforce.trim()));
      emit('node_selinux_config_mode', parseConfigMode(config));
    },
  };
}

/** The last assignment counts. What is not one of the three words is NaN. */
export function parseConfigMode(config: string | undefined): number | undefined {
  const word = [...(config ?? '').matchAll(/^\s*SELINUX=(.*)$/gm)].at(-1)?.[1]?.trim().toLowerCase();
  return word === undefined ? undefined : (MODES[word] ?? Number.NaN);
}
