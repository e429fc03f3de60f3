/** Goes on with what the rule files say whenever they change; with what they said before, where they have a mistake. */
import { messageOf } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { ConsumerMetrics } from './metrics.ts';
import type { RuleFiles } from './rule-files.ts';
import type { Rule } from './rules/rule.ts';
import type { RuleFile } from './rules/rule-file.ts';

export interface RuleLoaderOptions {
  readonly files: RuleFiles;
  readonly follow: (rules: readonly Rule[]) => void;
  readonly metrics: Pick<ConsumerMetrics, 'rulesRefused' | 'rulesReloaded' | 'rulesReloadedAt' | 'knowRules'>;
  readonly log: Log;
  readonly now: () => number;
}

export class RuleLoader {
  readonly #options: RuleLoaderOptions;
  #trouble: string | undefined;

  constructor(options: RuleLoaderOptions) {
    this.#options = options;
  }

  /** Takes note of rules that are being judged. */
  loaded({ rules, refused }: RuleFile): void {
    const { metrics, log, now } = this.#options;
    for (const reason of refused) log.warn({ reason }, 'a rule is not judged');
    metrics.knowRules(rules);
    metrics.rulesRefused.set(refused.length);
    metrics.rulesReloaded.set(1);
    metrics.rulesReloadedAt.set(now() / 1000);
    this.#trouble = undefined;
  }

  /** To be called every few seconds. @param again although nothing has changed: somebody asked for it. */
  look(again = false): void {
    const { files, follow, metrics, log } = this.#options;
    try {
      const loaded = files.load(again);
      if (loaded === undefined) return;
      follow(loaded.rules);
      this.loaded(loaded);
      log.info({ rules: loaded.rules.length }, 'rules were loaded anew');
    } catch (error) {
      const trouble = messageOf(error);
      metrics.rulesReloaded.set(0);
      if (trouble === this.#trouble) return;
      this.#trouble = trouble;
      for (const mistake of trouble.split('\n'))
        log.error({ mistake }, 'rules were not loaded anew: those before go on');
    }
  }
}
