import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ServiceMetrics } from '../../src/embedded-log/service/metrics.ts';
import { commandTree } from '../../src/program/command-tree.ts';
import { optionValues } from '../../src/program/help.ts';
import { servingOf } from '../../src/settings/serving.ts';
import { Settings } from '../../src/settings/settings.ts';
import { logServe } from '../../src/commands/log-serve.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/private-log.md'), 'utf8');

function block(language: string): string {
  const text = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
  if (text === undefined) throw new Error(`no block of ${language}`);
  return text;
}

/** How the log is served that these words start. @throws what the program would say of them */
async function served(words: readonly string[]): Promise<ReturnType<typeof servingOf>> {
  const log = (await commandTree()).commands.find((each) => each.name() === 'log');
  const serve = log?.commands.find((each) => each.name() === 'serve');
  if (serve === undefined) throw new Error('there is no log serve');
  const [program, command, ...options] = words;
  expect([program, command]).toEqual(['log', 'serve']);
  const { operands, unknown } = serve.exitOverride().parseOptions([...options]);
  expect([operands, unknown]).toEqual([[], []]);
  return servingOf(new Settings(optionValues(serve.opts(), logServe), {}));
}

describe('docs/private-log.md', () => {
  it('has a unit of systemd that starts a log, reloads it, and gives it longer to end than it takes', async () => {
    const unit = block('ini');
    const [, line = ''] = /^ExecStart=\S+\/helm-sigstore (.*)$/m.exec(unit) ?? [];
    expect(await served(line.split(' '))).toMatchObject({
      ...{ directory: '/var/lib/chart-log', host: '127.0.0.1', port: 3000 },
      ...{ tokenFile: '/etc/chart-log/tokens', accessLog: '/var/log/chart-log/access.jsonl' },
    });
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    expect(Number(/^TimeoutStopSec=([0-9]+)$/m.exec(unit)?.[1])).toBeGreaterThan(20);
    // What it writes to has to be what the unit lets it write to.
    expect(unit).toContain('\nStateDirectory=chart-log\n');
    expect(unit).toContain('\nLogsDirectory=chart-log\n');
    // The compiler of JavaScript writes code.
    expect(unit).not.toContain('MemoryDenyWriteExecute');
  });

  it('has a container that serves https to others', async () => {
    const file = block('dockerfile');
    const words = ['ENTRYPOINT', 'CMD'].flatMap(
      (name) => JSON.parse(new RegExp(`^${name} (.*)$`, 'm').exec(file)?.[1] ?? '[]') as string[],
    );
    expect(words[0]).toBe('helm-sigstore');
    expect(await served(words.slice(1))).toMatchObject({
      ...{ host: '0.0.0.0', mayBePlain: false, accessLog: '-' },
      tlsFiles: { cert: '/etc/chart-log/tls.crt', key: '/etc/chart-log/tls.key' },
    });
    expect(file).toMatch(/^USER [1-9]/m);
  });

  it('has every metric, and no other', () => {
    const families = new ServiceMetrics().families({ entries: 0, isWritable: true });
    const documented = [...page.matchAll(/^\| `(helm_sigstore_log_\w+)`/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(families.map(({ name }) => name).sort());
  });

  it('shows a line of the access log as it is', () => {
    const line = JSON.parse(block('json')) as object;
    expect(Object.keys(line)).toEqual('time remote method path status bytes milliseconds'.split(' '));
  });
});
