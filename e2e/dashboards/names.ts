/** Whom the pipeline that fills the dashboards is about. */
export const CLUSTER = 'test';
/** One with sensors, an array of disks and swap: the first that the simulator makes. */
export const NODE = 'node-0000';
/** This machine, whose producer proves its view. */
export const HOST = 'this-machine';
export const NAMESPACE = 'system-monitoring';
