import { readFileSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/loopback.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/monitor.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
}

const [workflow, job] = blocks('yaml').map((text) => load(text)) as [
  { readonly jobs: { readonly monitor: { readonly steps: readonly Step[] } }; readonly concurrency: string },
  {
    readonly spec: {
      readonly schedule: string;
      readonly concurrencyPolicy: string;
      readonly jobTemplate: {
        readonly spec: {
          readonly template: {
            readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
          };
        };
      };
    };
  },
];
const [service = '', timer = ''] = blocks('ini');

/** The words of a command of ours in a line. */
function wordsIn(line: string | undefined): string[] {
  const [, command = ''] = /helm sigstore (monitor .*)/s.exec(line ?? '') ?? [];
  return [...command.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** What stands for a path or an address on the page, and is another one in a test. */
async function adapted(world: MonitoredWorld, words: readonly string[]): Promise<string[]> {
  const charts = await serve((request, response) => {
    response.end(
      request.url?.endsWith('index.yaml')
        ? 'apiVersion: v1\nentries:\n  a: []\n  b:\n  - version: 1.0.0\n    urls: [b-1.0.0.tgz]\n    digest: ' +
            'a'.repeat(64)
        : '',
    );
  });
  const registry = await serveRegistry();
  registry.store.addChart('charts/hello', Buffer.from([0x1f, 0x8b, 1]), '0.1.0', '');
  const [, trust = ''] = world.user.trust;
  const alert = await world.write('alert', '#!/bin/sh\ncat > /dev/null\n');
  await chmod(alert, 0o700);
  const replaced: Readonly<Record<string, string>> = {
    F1225FFFEF327BE2C6E6C3C5C010E9C64672197F: world.publisher.fingerprint,
    'publisher.asc': world.keyring,
    '/etc/helm-sigstore/publisher.asc': world.keyring,
    'https://log.example.com': world.server.url,
    '/etc/helm-sigstore/log.pem': trust,
    '--trusted-root': '--rekor-public-key',
    'trusted_root.json': trust,
    'https://charts.example.com': charts.url,
    'oci://registry.example.com/charts/hello': `oci://${registry.host}/charts/hello`,
    'index.yaml': await world.index(await world.sign('published')),
    '/usr/local/bin/alert': alert,
  };
  return words.map((word) => (/monitor\.json$/.test(word) ? world.state : (replaced[word] ?? word)));
}

describe.runIf(process.platform !== 'win32')('docs/monitor.md (needs sh)', () => {
  it('has a workflow whose command runs, and that keeps the state whatever comes of it', async () => {
    const { steps } = workflow.jobs.monitor;
    const world = await MonitoredWorld.open();
    world.log.fill(3);
    const words = wordsIn(steps.find(({ run }) => run?.includes('sigstore monitor'))?.run);
    const { status, stderr } = await world.user.run(await adapted(world, words));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [restored, saved] = ['restore', 'save'].map((what) =>
      steps.find(({ uses }) => uses?.startsWith(`actions/cache/${what}@`)),
    );
    expect(saved?.if).toBe('always()');
    for (const step of [restored, saved]) expect(words).toContain(step?.with?.['path']);
    expect(saved?.with?.['key']).toBe(restored?.with?.['key']);
    expect(restored?.with?.['key']?.startsWith(restored.with['restore-keys'] ?? '?')).toBe(true);
    expect(workflow.concurrency).toBe('monitor');
  });

  it('has a service whose command runs, and a timer that starts it', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('mine'));
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(service) ?? [];
    const { status, stderr } = await world.user.run(await adapted(world, wordsIn(line)));
    expect({ status, stderr }).toMatchObject({ status: 10 });
    expect(await readFile(world.state, 'utf8')).toContain('unknown sha256:');
    expect(service).toContain('\nType=oneshot\n');
    expect(timer).toMatch(/^OnCalendar=hourly$/m);
    for (const unit of [service, timer])
      for (const each of unit.trimEnd().split('\n')) expect(each).toMatch(/^(?:\[\w+\]|[A-Za-z]+=\S.*|)$/);
  });

  it('has a job whose command runs, and that no second one overtakes', async () => {
    const world = await MonitoredWorld.open();
    world.log.fill(3);
    const [container] = job.spec.jobTemplate.spec.template.spec.containers;
    const words = wordsIn(container?.args[0]);
    const policy = await world.write(
      'policy.yaml',
      `version: 1\nkeys: [keyring.gpg]\nlogs:\n- url: ${world.server.url}\n  publicKeys: [log.pem]\nrules:\n- name: own\n  charts: ["*"]\n  signedBy:\n  - openpgp: ${world.publisher.fingerprint}\notherwise: deny\n`,
    );
    const all = (await adapted(world, words)).map((word) => (word.endsWith('policy.yaml') ? policy : word));
    const { status, stdout, stderr } = await world.user.run(all);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain('"event":"unlogged"');
    expect(job.spec.concurrencyPolicy).toBe('Forbid');
    expect(job.spec.schedule).toMatch(/^[0-9]+ \* \* \* \*$/);
  });
});
