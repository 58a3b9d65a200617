import { describe, expect, it, test } from 'vitest';
import { isShown, stepsOf, takeSteps, withOutputs } from '../e2e/documents/session.ts';

const page = `# A page

\`\`\`console
$ echo one \\
    two
one two
$ true
\`\`\`

   \`\`\`
   helm version   # a comment
   what is no command
   \`\`\`

\`\`\`yaml
job:
  steps:
    - run: helm env
  script: [helm list]
---
before_script: helm lint
\`\`\`

\`\`\`sh
helm not-taken
\`\`\`
`;

test('the command lines of a document are found, with what is shown of them', () => {
  expect(stepsOf(page).map(({ line, shown }) => [line, shown])).toEqual([
    ['echo one \\\n    two', ['one two']],
    ['true', []],
    ['helm version   # a comment', undefined],
    ['helm env', undefined],
    ['helm list', undefined],
    ['helm lint', undefined],
  ]);
  expect(() => stepsOf('```console\nno command\n```\n')).toThrow('begins with a command');
});

describe.skipIf(process.platform === 'win32')('command lines are taken in one shell (needs a Unix)', () => {
  const take = async (...lines: string[]) => {
    const steps = lines.map((line) => ({ line, shown: undefined, at: 0 }));
    const surroundings = { cwd: import.meta.dirname, env: { PATH: process.env['PATH'] ?? '' } };
    const taken = await takeSteps(steps, (line) => line.replace('NAME', 'name'), surroundings);
    return taken.map(({ output, status }) => [output, status]);
  };

  it('keeps what they change, shows both outputs, and knows how each ended', async () => {
    expect(await take('cd ..', 'X=1', 'echo $X NAME; echo bad >&2', '(exit 7)', 'echo $?')).toEqual([
      ['', 0],
      ['', 0],
      ['1 name\nbad\n', 0],
      ['', 7],
      ['7\n', 0],
    ]);
  });

  it('lets none of them read the others', async () => {
    expect(await take('cat', 'echo after')).toEqual([
      ['', 0],
      ['after\n', 0],
    ]);
  });

  it('has no status for what came after the end of the shell', async () => {
    expect(await take('exit 3', 'echo after')).toEqual([
      ['', Number.NaN],
      ['', Number.NaN],
    ]);
  });
});

describe('what is shown', () => {
  const output = 'Index: 7\nLogged At: 2026-12-01T09:51:33Z\nDigest: sha256:' + 'a'.repeat(64) + '\nEnd\n';

  it.each([
    ['other times and digests', output.replace('aaa', 'bbb').replace('09:51', '10:00').trimEnd().split('\n')],
    ['a digest that is left out', output.replace('a'.repeat(64), '…').trimEnd().split('\n')],
    ['lines that are left out', ['Index: 7', '…', 'End']],
    ['a beginning', ['Index: 7', '…']],
    ['an end', ['…', 'End']],
  ])('may have %s', (_, shown) => {
    expect(isShown(output, shown)).toBe(true);
  });

  it.each([
    ['a line that is not there', ['Index: 7', '…', 'Ends']],
    ['another order', ['…', 'End', '…', 'Index: 7']],
    ['too little', ['Index: 7']],
    ['nothing', []],
    ['another beginning', ['Inde', '…', 'End']],
    ['an end before the end', ['Index: 7', '…', 'Logged At: 2026-12-01T09:51:33Z']],
  ])('may not have %s', (_, shown) => {
    expect(isShown(output, shown)).toBe(false);
  });

  it('is replaced where it differs, and only there', () => {
    const taken = stepsOf(page)
      .slice(0, 2)
      .map((step, index) => ({ ...step, status: 0, output: index === 0 ? 'one two\n' : 'seen\nmore\n' }));
    expect(withOutputs(page, taken)).toBe(page.replace('$ true\n', '$ true\nseen\nmore\n'));
  });
});
