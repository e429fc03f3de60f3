/**
 * /sys/class/hwmon: the sensors of chips, one file for each value of a sensor, `<type><number>_<element>`:
 *
 *   temp1_input 45000   temp1_max 100000   temp1_crit_alarm 0   temp1_label Core 0   fan2_input 1098   in0_input 792
 *
 * in thousandths of a degree, volt or ampere, millionths of a watt or joule. What a sensor measures is read each time; its
 * limits and its label once a minute, since somebody has to set them.
 * https://www.kernel.org/doc/html/latest/hwmon/sysfs-interface.html
 */
import type { MetricName } from '#contract/metrics.ts';
import type { Collector } from '../collector.ts';
import { divided, textIn } from '../host/attributes.ts';
import { followLinks } from '../host/links.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal } from '../kernel/text.ts';

type HwmonName = Extract<MetricName, `node_hwmon_${string}`>;

const CLASS = 'sys/class/hwmon';
const FILE = /^(?<type>[^0-9]+)(?<number>[0-9]*)(?:_(?<element>.+))?$/;
const TYPES = /^(vrm|beep_enable|update_interval|in|cpu|fan|pwm|temp|curr|power|energy|humidity|intrusion|freq)$/;
/** What moves by itself; an element that is not here is set by somebody. */
const MOVING = /^(|input|average|alarm|fault|output|.+_alarm|.*(lowest|highest))$/;
/** Of the meters of a power supply. */
const TEXT = /^(label|model_number|serial_number|oem_info)$/;

/** What a file of a sensor becomes. */
export interface Meaning {
  readonly name: HwmonName;
  readonly divisor: number;
  /** Whether anything but a number is malformed. Of elements that are known only by their driver, any may be a text. */
  readonly numeric: boolean;
}

interface Value extends Meaning {
  readonly path: string;
  readonly chip: string;
  readonly sensor: string;
  /** What it was when the chip was looked at, if it does not move. */
  readonly known: string | undefined;
  readonly moves: boolean;
}

interface Label {
  readonly chip: string;
  readonly sensor: string;
  readonly label: string;
}

interface Sensors {
  readonly chips: readonly { readonly chip: string; readonly chip_name: string }[];
  readonly labels: readonly Label[];
  readonly values: readonly Value[];
}

export function hwmon(now: () => number): Collector {
  const sensors = remembered(now, A_MINUTE_MS, findSensors);
  return {
    name: 'hwmon',
    collect(host, emit) {
      const { chips, labels, values } = sensors(host);
      for (const labelled of chips) emit('node_hwmon_chip_names', 1, labelled);
      for (const labelled of labels) emit('node_hwmon_sensor_label', 1, labelled);
      for (const { name, divisor, numeric, path, chip, sensor, known, moves } of values) {
        const text = moves ? textIn(host, path) : known;
        const number = text === undefined ? undefined : decimal(text);
        if (number !== undefined && Number.isNaN(number) && !numeric) continue;
        emit(name, divided(number, divisor), { chip, sensor });
      }
    },
  };
}

function findSensors(host: Host): Sensors {
  const chips: { chip: string; chip_name: string }[] = [];
  const labels: Label[] = [];
  const values: Value[] = [];
  for (const { directory, chip, name } of nameChips(host)) {
    if (name !== '') chips.push({ chip, chip_name: name });
    const found = filesOf(host, directory);
    const texts = new Map<string, string>();
    for (const { type, number, element, path } of found) {
      const text = element === 'label' ? textIn(host, path) : undefined;
      if (text !== undefined) texts.set(`${type}${number}`, text);
    }
    for (const [sensor, label] of texts) labels.push({ chip, sensor, label });
    for (const { type, number, element, path } of found) {
      const sensor = `${type}${number}`;
      const both =
        element === 'input' && found.some((other) => other.element === '' && `${other.type}${other.number}` === sensor);
      const meaning = meaningOf(type, element, both);
      const moves = MOVING.test(element);
      const known = moves ? undefined : textIn(host, path);
      // A frequency is named by its label, and without one it could be anything.
      const named = type === 'freq' && element === 'input' ? cleaned(texts.get(sensor) ?? '') : sensor;
      if (meaning !== undefined && named !== '') values.push({ ...meaning, path, chip, sensor: named, known, moves });
    }
  }
  return { chips, labels, values };
}

interface Chip {
  readonly directory: string;
  readonly chip: string;
  /** As people know it, empty if the driver gives none. */
  readonly name: string;
}

/** The number of a chip depends on which driver came first, so it is named for its device; where two share one, by both. */
function nameChips(host: Host): Chip[] {
  const chips = host.list(CLASS).map((entry) => {
    const directory = followLinks(host, `${CLASS}/${entry}`);
    const raw = textIn(host, `${directory}/name`) ?? '';
    const target =
      host.link(`${directory}/device`) === undefined ? undefined : followLinks(host, `${directory}/device`);
    const device = target?.split('/').slice(-2).map(cleaned).filter(Boolean).join('_');
    return { entry, directory, raw, name: cleaned(raw), base: device || cleaned(raw) || cleaned(entry) };
  });
  return chips.map(({ entry, directory, raw, name, base }) => {
    const namesakes = chips.filter((other) => other.base === base);
    if (namesakes.length === 1) return { directory, chip: base, name };
    const unique = name !== '' && namesakes.filter((other) => other.raw === raw).length === 1;
    return { directory, chip: `${base}_${unique ? name : cleaned(entry)}`, name };
  });
}

interface SensorFile {
  readonly type: string;
  readonly number: number;
  readonly element: string;
  readonly path: string;
}

/** Old drivers have the files of a chip with those of its device. */
function filesOf(host: Host, directory: string): SensorFile[] {
  const found = new Map<string, SensorFile>();
  for (const place of [directory, `${directory}/device`]) {
    for (const file of host.list(place)) {
      const { type = '', number = '', element = '' } = FILE.exec(file)?.groups ?? {};
      // A directory of every device, about its own power.
      if (!TYPES.test(type) || file === 'power') continue;
      found.set(file, { type, number: Number(number), element, path: `${place}/${file}` });
    }
  }
  return [...found.values()];
}

/** @param both whether the sensor has a value without an element, too, as a fan that is told its speed and measures it. */
export function meaningOf(type: string, element: string, both: boolean): Meaning | undefined {
  if (TEXT.test(element)) return undefined;
  if (type === 'beep_enable') return { name: 'node_hwmon_beep_enabled', divisor: 1, numeric: true };
  if (type === 'vrm') return { name: 'node_hwmon_voltage_regulator_version', divisor: 1, numeric: true };
  if (type === 'update_interval') return { name: 'node_hwmon_update_interval_seconds', divisor: 1e3, numeric: true };
  const suffix = element === '' || (element === 'input' && !both) ? '' : `_${cleaned(element)}`;
  const stem = `node_hwmon_${type}${suffix}` as const;
  if (element === 'fault' || element === 'alarm') return { name: stem, divisor: 1, numeric: true };
  if (element === 'beep') return { name: `${stem}_enabled`, divisor: 1, numeric: true };
  switch (type) {
    case 'in':
    case 'cpu':
      return { name: `${stem}_volts`, divisor: 1e3, numeric: true };
    case 'curr':
      return { name: `${stem}_amps`, divisor: 1e3, numeric: true };
    case 'energy':
      return { name: `${stem}_joule_total`, divisor: 1e6, numeric: true };
    case 'humidity':
      return { name: stem, divisor: 1e6, numeric: true };
    case 'temp':
      if (element !== 'type') return { name: `${stem}_celsius`, divisor: 1e3, numeric: true };
      break;
    case 'power':
      if (element === 'accuracy') return { name: stem, divisor: 1e6, numeric: false };
      if (/^average_interval(_min|_max)?$/.test(element))
        return { name: `${stem}_seconds`, divisor: 1e3, numeric: true };
      return { name: `${stem}_watt`, divisor: 1e6, numeric: true };
    case 'fan':
      if (/^(input|min|max|target)$/.test(element)) return { name: `${stem}_rpm`, divisor: 1, numeric: true };
      break;
    case 'freq':
      if (element === 'input') return { name: `${stem}_freq_mhz`, divisor: 1e6, numeric: true };
      break;
  }
  return { name: stem, divisor: 1, numeric: false };
}

/** As node_exporter makes names of words. */
function cleaned(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .replace(/^_+|_+$/g, '');
}
