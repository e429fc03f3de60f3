/** The chart `kafka`: a Kafka cluster under Strimzi's operator, with our topics and users. */
import { Construct } from 'constructs';
import { HelmChart } from '../helm/chart.ts';
import { labelHelpers } from '../helm/helpers.ts';
import { helm } from '../helm/tokens.ts';
import { addTopics, addUsers } from './access.ts';
import { addChecks } from './checks.ts';
import { CI_VALUES } from './ci.ts';
import { addCluster } from './cluster.ts';
import { CHART } from './names.ts';
import { NOTES, readme } from './texts.ts';
import { VALUES, v } from './values.ts';
import { KAFKA_VERSION } from './version.ts';
import { addMonitors, addRules } from './watching.ts';

/** @param version of the chart: that of the whole project. */
export function kafkaChart(version: string): HelmChart {
  const chart = new HelmChart({
    metadata: {
      name: CHART,
      description: "A Kafka cluster under Strimzi's operator, with the topics and users of system-monitoring.",
      version,
      appVersion: KAFKA_VERSION,
      kubeVersion: '>=1.30.0-0',
      keywords: ['kafka', 'strimzi', 'monitoring'],
      annotations: {
        'artifacthub.io/category': 'streaming-messaging',
        'artifacthub.io/license': 'Apache-2.0',
        'artifacthub.io/operator': 'false',
      },
    },
    values: VALUES,
    labels: helm.entries(`include "${CHART}.labels" $`),
    helpers: labelHelpers({ chart: CHART, partOf: 'system-monitoring' }),
    notes: NOTES,
    readme,
    ci: CI_VALUES,
  });
  addChecks(chart);
  addCluster(new Construct(chart, 'cluster'));
  addTopics(new Construct(chart, 'topics'));
  addUsers(new Construct(chart, 'users'));
  const watching = new Construct(chart, 'monitoring');
  addMonitors(watching);
  addRules(watching);
  chart.addExtraObjects(v.extraObjects);
  return chart;
}
