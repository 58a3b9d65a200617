import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { buildDist } from '../../scripts/build.mjs';
import { packExecutable } from '../../scripts/package-standalone.mjs';
import { commandTree } from '../../src/program/command-tree.ts';
import { serveFiles } from './file-server.ts';
import { HelmSite } from './helm-site.ts';
import { Terminal } from './terminal.ts';

const helms = inject('helms');
const release = inject('release');

/** Stand-ins for what Helm's script uses of the package bash-completion, and a shell that lists at the first TAB. */
const bashrc = `
_get_comp_words_by_ref() {
  cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}
shopt -s extglob
_filedir() { COMPREPLY+=($(compgen -f -X "!*.@($1)" -- "$cur")); }
bind 'set show-all-if-ambiguous on'
PS1='ready> '
source ./helm-completion
`;

let directory: string;
/** The plugin for Windows, unpacked. Its executable is a text: completion starts nothing. */
let forWindows: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'completion-'));
  const executable = path.join(directory, 'helm-sigstore.exe');
  await writeFile(executable, '');
  const bundles = await buildDist();
  const archive = await packExecutable(executable, 'windows-amd64', { directory, bundles });
  await promisify(execFile)('tar', ['-xzf', archive, '-C', directory]);
  forWindows = path.join(directory, 'sigstore');
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** What Helm would offer: candidates without their descriptions, and last the directive. */
async function offeredAt(site: HelmSite, words: readonly string[], env = {}): Promise<string[]> {
  const { stdout } = await site.run(['__complete', 'sigstore', ...words], env);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/\t.*/, ''));
}

if (helms.length === 0) test.skip('completion in Helm (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  let site: HelmSite;

  beforeAll(async () => {
    site = await HelmSite.create(helm);
    const files = await serveFiles(path.dirname(release.archive));
    await site.installFrom(`${files.url}/${path.basename(release.archive)}`, release.keyring);
    await files.close();
  });

  afterAll(async () => {
    await site.remove();
  });

  const offered = async (...words: string[]) => await offeredAt(site, words);

  test('offers the sub-commands', async () => {
    const { commands } = await commandTree();
    const answer = await offered('');
    for (const command of commands) expect(answer).toContain(command.name());
    expect(await offered('ver')).toEqual(['verify', 'version', ':4']);
    expect(await offered('log', 's')).toEqual(['serve', ':4']);
  });

  test('offers every option of the help', async () => {
    const { commands } = await commandTree();
    for (const command of commands.filter((each) => each.commands.length === 0)) {
      const answer = await offered(command.name(), '--');
      for (const { long, hidden } of command.options)
        expect(hidden || answer.includes(long ?? '')).toBe(true);
      expect(answer).toContain('--help');
      expect(answer.at(-1)).toBe(':4');
    }
  });

  test('offers the values of options, files and charts', async () => {
    expect(await offered('verify', '--output', '')).toEqual(['text', 'json', 'jsonl', ':4']);
    expect(await offered('verify', '--keyring', '')).toEqual([':0']);
    // One name, of two things.
    expect(await offered('verify', '--mirror', '')).toEqual([':16']);
    expect(await offered('trust', 'update', '--mirror', '')).toEqual([':4']);
    expect(await offered('verify', '')).toEqual(['tgz', 'yaml', 'yml', ':8']);
  });

  test('needs no program on the PATH for that, neither a shell nor Node', async () => {
    const nothing = { PATH: directory };
    expect(await offeredAt(site, ['verify', '--output', ''], nothing)).toEqual([
      'text',
      'json',
      'jsonl',
      ':4',
    ]);
    expect(await offeredAt(site, ['ver'], nothing)).toEqual(['verify', 'version', ':4']);
  });

  test('for Windows: offers commands, options, their values and files, and starts no script', async () => {
    const windows = await HelmSite.create(helm);
    onTestFinished(() => windows.remove());
    expect(await windows.run(['plugin', 'install', forWindows])).toMatchObject({ status: 0 });
    const { commands } = await commandTree();
    const answer = await offeredAt(windows, ['']);
    for (const command of commands) expect(answer).toContain(command.name());
    for (const command of commands.filter((each) => each.commands.length === 0)) {
      const options = await offeredAt(windows, [command.name(), '--']);
      for (const { long, argChoices = [] } of command.options.filter(({ hidden }) => !hidden)) {
        expect(options).toContain(long);
        for (const choice of argChoices) expect(options).toContain(`${long}=${choice}`);
      }
    }
    // Zero: files, if the shell has some.
    expect(await offeredAt(windows, ['verify', '--out'])).toEqual([
      ...['--output', '--output=json', '--output=jsonl', '--output=text'],
      ':0',
    ]);
    expect(await offeredAt(windows, ['verify', ''])).toEqual([':0']);
  });

  test.runIf(process.platform === 'linux')('works in a bash (needs Linux)', async () => {
    const { stdout } = await site.run(['completion', 'bash']);
    const shell = path.join(site.directory, 'shell');
    await mkdir(shell);
    await writeFile(path.join(shell, 'helm-completion'), stdout);
    await writeFile(path.join(shell, 'bashrc'), bashrc);
    await writeFile(path.join(shell, 'hello-0.1.0.tgz'), '');
    await writeFile(path.join(shell, 'hello.txt'), '');
    const env = { ...site.env, PATH: `${path.dirname(helm.path)}:${site.env['PATH'] ?? ''}` };
    const bash = new Terminal('bash --noprofile --rcfile ./bashrc -i', shell, env);
    onTestFinished(() => bash.close());
    await bash.type('', /ready> $/);
    await bash.type('helm sigstore ver\t', /\n *verify +version *\r?\n/);
    await bash.type('i\t', /fy $/);
    await bash.type('hel\t', /lo-0\.1\.0\.tgz $/);
    await bash.type('--output te\t', /xt $/);
  });
});
