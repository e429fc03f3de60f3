/** Where the project lives: in the chart's metadata, and what its alerts lead to. */
export const HOME = 'https://github.com/system-monitoring/system-monitoring';
