import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADDITIONS, additionsTable, Compiler } from '../../scripts/additions.mjs';

let compiler: Compiler;
beforeAll(() => {
  compiler = new Compiler();
  expect(compiler.filesWithErrors([])).toEqual([]);
}, 600_000);

describe.each(ADDITIONS)('a further $kind', ({ changes, asksFor }) => {
  const [first, ...others] = [...new Set(changes.map(({ file }) => file))];

  it('compiles with the files that CONTRIBUTING.md names', () => {
    expect(compiler.filesWithErrors(changes)).toEqual([]);
  });

  if (others.length > 0)
    it('is asked for by the compiler once it is in the first of them', () => {
      const begun = changes.filter(({ file }) => file === first);
      expect(compiler.filesWithErrors(begun)).toEqual(asksFor === 'others' ? others.sort() : [first]);
    });
});

it('reading a setting that the command does not take does not compile', () => {
  const change = {
    file: 'src/commands/verify.ts',
    at: "settings.has('dependencies')",
    text: "settings.has('dryRun')",
  };
  expect(compiler.filesWithErrors([change])).toEqual(['src/commands/verify.ts']);
});

it('evidence that is called proven without checks does not compile', () => {
  const forged = {
    file: 'src/verification/forged.ts',
    text: `import type { ProvenEntry } from './entry-report.ts';
export const forged: Pick<ProvenEntry, 'kind' | 'profile' | 'checks'> = { kind: 'proven', profile: 'openpgp-rekor', checks: [] };
`,
  };
  expect(compiler.filesWithErrors([forged])).toEqual(['src/verification/forged.ts']);
});

it('CONTRIBUTING.md has the table', () => {
  const contributing = readFileSync(join(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8');
  expect(contributing).toContain(additionsTable());
});
