import { helm } from '../../helm/tokens.ts';

export const CHART = 'plain-kafka';
export const FULLNAME = helm.string(`include "${CHART}.fullname" $`);
export const SELECTOR = helm.entries(`include "${CHART}.selectorLabels" $`);
