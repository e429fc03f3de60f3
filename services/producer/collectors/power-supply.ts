/**
 * /sys/class/power_supply: batteries and mains, a file for each property that one has, in millionths of a volt, ampere, watt or
 * of these times an hour, temperatures in tenths of a degree.
 * https://www.kernel.org/doc/html/latest/power/power_supply_class.html
 */

import type { Collector } from '../collector.ts';
import { divided, numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CLASS = 'sys/class/power_supply';
const MILLIONTHS = 1e6;
const TENTHS = 10;

/** Files, the ends of the metrics' names, and what a unit of theirs is. */
const NUMBERS = [
  ['authentic', 'authentic', 1],
  ['calibrate', 'calibrate', 1],
  ['capacity', 'capacity', 1],
  ['capacity_alert_max', 'capacity_alert_max', 1],
  ['capacity_alert_min', 'capacity_alert_min', 1],
  ['cycle_count', 'cyclecount', 1],
  ['online', 'online', 1],
  ['present', 'present', 1],
  ['time_to_empty_now', 'time_to_empty_seconds', 1],
  ['time_to_full_now', 'time_to_full_seconds', 1],
  ['charge_control_limit', 'charge_control_limit', MILLIONTHS],
  ['charge_control_limit_max', 'charge_control_limit_max', MILLIONTHS],
  ['charge_counter', 'charge_counter', MILLIONTHS],
  ['charge_empty', 'charge_empty', MILLIONTHS],
  ['charge_empty_design', 'charge_empty_design', MILLIONTHS],
  ['charge_full', 'charge_full', MILLIONTHS],
  ['charge_full_design', 'charge_full_design', MILLIONTHS],
  ['charge_now', 'charge_ampere', MILLIONTHS],
  ['charge_term_current', 'charge_term_current', MILLIONTHS],
  ['constant_charge_current', 'constant_charge_current', MILLIONTHS],
  ['constant_charge_current_max', 'constant_charge_current_max', MILLIONTHS],
  ['constant_charge_voltage', 'constant_charge_voltage', MILLIONTHS],
  ['constant_charge_voltage_max', 'constant_charge_voltage_max', MILLIONTHS],
  ['current_boot', 'current_boot', MILLIONTHS],
  ['current_max', 'current_max', MILLIONTHS],
  ['current_now', 'current_ampere', MILLIONTHS],
  ['energy_empty', 'energy_empty', MILLIONTHS],
  ['energy_empty_design', 'energy_empty_design', MILLIONTHS],
  ['energy_full', 'energy_full', MILLIONTHS],
  ['energy_full_design', 'energy_full_design', MILLIONTHS],
  ['energy_now', 'energy_watthour', MILLIONTHS],
  ['input_current_limit', 'input_current_limit', MILLIONTHS],
  ['power_now', 'power_watt', MILLIONTHS],
  ['precharge_current', 'precharge_current', MILLIONTHS],
  ['voltage_boot', 'voltage_boot', MILLIONTHS],
  ['voltage_max', 'voltage_max', MILLIONTHS],
  ['voltage_max_design', 'voltage_max_design', MILLIONTHS],
  ['voltage_min', 'voltage_min', MILLIONTHS],
  ['voltage_min_design', 'voltage_min_design', MILLIONTHS],
  ['voltage_now', 'voltage_volt', MILLIONTHS],
  ['voltage_ocv', 'voltage_ocv', MILLIONTHS],
  ['temp', 'temp_celsius', TENTHS],
  ['temp_alert_max', 'temp_alert_max_celsius', TENTHS],
  ['temp_alert_min', 'temp_alert_min_celsius', TENTHS],
  ['temp_ambient', 'temp_ambient_celsius', TENTHS],
  ['temp_ambient_max', 'temp_ambient_max_celsius', TENTHS],
  ['temp_ambient_min', 'temp_ambient_min_celsius', TENTHS],
  ['temp_max', 'temp_max_celsius', TENTHS],
  ['temp_min', 'temp_min_celsius', TENTHS],
] as const;

/** node_exporter leaves out labels that have no value; a name's labels are fixed here, so those are empty. */
const WORDS = [
  'capacity_level',
  'charge_type',
  'health',
  'manufacturer',
  'model_name',
  'scope',
  'serial_number',
  'status',
  'technology',
  'type',
  'usb_type',
] as const;

export function powerSupply(now: () => number): Collector {
  const supplies = remembered(now, A_MINUTE_MS, findSupplies);
  return {
    name: 'powersupplyclass',
    collect(host, emit) {
      for (const { power_supply, files } of supplies(host)) {
        const path = `${CLASS}/${power_supply}`;
        for (const [file, end, units] of NUMBERS) {
          if (!files.has(file)) continue;
          emit(`node_power_supply_${end}`, divided(numberIn(host, `${path}/${file}`), units), { power_supply });
        }
        const words = WORDS.map((word) => [word, files.has(word) ? (textIn(host, `${path}/${word}`) ?? '') : '']);
        emit('node_power_supply_info', 1, {
          power_supply,
          ...(Object.fromEntries(words) as Record<(typeof WORDS)[number], string>),
        });
      }
    },
  };
}

function findSupplies(host: Host): { power_supply: string; files: ReadonlySet<string> }[] {
  return host
    .list(CLASS)
    .map((power_supply) => ({ power_supply, files: new Set(host.list(`${CLASS}/${power_supply}`)) }));
}
