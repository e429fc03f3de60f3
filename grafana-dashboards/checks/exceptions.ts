/** Where a dashboard may break a rule, and why. A place begins with what is given. */
export interface Exception {
  readonly rule: string;
  readonly place: string;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    rule: 'span',
    place: 'System monitoring / Node / File systems / D',
    reason: 'when a file system will be full is a trend over hours, whatever is shown',
  },
];
