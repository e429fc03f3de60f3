/** How warm a node's hardware is. Virtual machines have no sensors. */
import { timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { NODE } from '../selectors.ts';
import { ofNode } from './node-panel.ts';

export const temperatures = () =>
  ofNode(
    timeSeries({
      title: 'Temperatures',
      description:
        'The sensors of chips, the warmest ten, and the zones that the kernel cools. Virtual machines have none.',
      width: 12,
      unit: 'celsius',
      queries: [
        over(`topk(10, node_hwmon_temp_celsius{${NODE}})`, '{{chip}} {{sensor}}'),
        over(`node_thermal_zone_temp{${NODE}}`, 'zone {{type}} {{zone}}'),
      ],
    }),
  );

export const headroom = () =>
  ofNode(
    timeSeries({
      title: 'Degrees below critical',
      description: 'How far each sensor is from the temperature that its maker calls critical, the nearest ten.',
      width: 12,
      unit: 'celsius',
      queries: [
        over(
          `bottomk(10, node_hwmon_temp_crit_celsius{${NODE}} - on (cluster, node, chip, sensor) node_hwmon_temp_celsius{${NODE}})`,
          '{{chip}} {{sensor}}',
        ),
      ],
    }),
  );
