/** Names that several releases and the deploy program share. */
import type { Question } from './release.ts';

/** Ours and Kafka's: Strimzi writes users' secrets only where its Kafka is. */
export const OURS = 'system-monitoring';
export const MONITORING = 'monitoring';
export const STRIMZI = 'strimzi';

export const PROMETHEUS: Question = { service: 'kube-prometheus-stack-prometheus', port: 9090, path: '/-/ready' };
/** Told by consumers; its operator names the pods after it, and their addresses below its own. */
export const ALERTMANAGER: Question = { service: 'kube-prometheus-stack-alertmanager', port: 9093, path: '/-/ready' };
export const ALERTMANAGERS_IN_PRODUCTION = 2;
export const LOKI: Question = { service: 'loki', port: 3100, path: '/ready' };
