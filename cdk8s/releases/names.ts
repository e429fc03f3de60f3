/** Names that several releases and the deploy program share. */
import type { Question } from './release.ts';

/** Ours and Kafka's: Strimzi writes users' secrets only where its Kafka is. */
export const OURS = 'system-monitoring';
export const MONITORING = 'monitoring';
export const STRIMZI = 'strimzi';

export const PROMETHEUS: Question = { service: 'kube-prometheus-stack-prometheus', port: 9090, path: '/-/ready' };
export const LOKI: Question = { service: 'loki', port: 3100, path: '/ready' };
