import type { Reporter, TestModule } from 'vitest/node';

/** Why a test is skipped: the end of its title, or of one that it stands under. */
const REASON = /\((needs [^()]*)\)/;
/** What is lacking, and how to have it. */
const REMEDIES: Readonly<Record<string, string>> = {
  'needs the vectors': 'cases made by others, in ../shared/vectors or where HELM_SIGSTORE_VECTORS says',
  'needs the cases': 'inputs that failed once, in ../shared/cases or where HELM_SIGSTORE_CASES says',
  'needs gpg': 'GnuPG 2',
  'needs Chromium': 'the browser, as chromium, chromium-browser or google-chrome in PATH',
};

/** Says at the end of a run what it did not test, and why, whatever else is printed. */
export class SkippedReporter implements Reporter {
  readonly #left: readonly string[];
  readonly #write: (text: string) => void;

  /** @param left files that this run leaves out on purpose */
  constructor(left: readonly string[] = [], write = (text: string): void => void process.stdout.write(text)) {
    this.#left = left;
    this.#write = write;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, number>();
    for (const module of modules)
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const reason = ('note' in result ? result.note : undefined) ?? reasonIn(test.fullName);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    this.#write(summary(reasons, this.#left));
  }
}

/** The innermost reason in a full title. */
export function reasonIn(title: string): string {
  return (
    REASON.exec(title.slice(title.lastIndexOf('(needs ')))?.[1] ??
    'not asked for, or without a reason in their titles'
  );
}

function summary(reasons: ReadonlyMap<string, number>, left: readonly string[]): string {
  const total = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...reasons].map(([reason, count]) => {
    const remedy = REMEDIES[reason];
    return `  ${String(count).padStart(5)}  ${reason}${remedy === undefined ? '' : `: ${remedy}`}`;
  });
  if (total > 0) lines.unshift(`Skipped: ${total} tests`);
  if (left.length > 0)
    lines.push(
      `Left to CI and \`npm run test:all\`, as they take seconds each or need gpg: ${left.length} files`,
      ...left.map((file) => `         ${file}`),
    );
  if (lines.length === 0) lines.push('Skipped: none');
  return `\n${lines.join('\n')}\n`;
}
