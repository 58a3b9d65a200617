import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { serveRepository } from '../registries/world/chart-repository.ts';
import type { MadeChart } from '../registries/world/charts.ts';
import { email, ForgedSigstore } from '../support/forged-sigstore.ts';
import { chartArchive } from '../support/chart.ts';
import { GateWorld, type GateUser } from './gate-world.ts';

// Some tests run Helm, and with it the plugin, ten times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

/**
 * `verify`, `policy check` and the wrapper verbs of a chart whose repository is behind the gate: they accept what the gate accepts,
 * by the same evidence, and refuse what it refuses, with the same reason and the status that they have for other charts.
 */

const helms = inject('helms');
const release = inject('release');

let at: GateWorld;
let policy: string;
let gate: string;
const TAMPERED = 'apiVersion: v2\nname: hello\nversion: 0.1.0\ndescription: another one\n';
const sigstore = new ForgedSigstore();
const byA = (file: Uint8Array) => JSON.stringify(sigstore.message(file, sigstore.signer()));
const byB = (file: Uint8Array) =>
  JSON.stringify(sigstore.message(file, sigstore.signer({ names: [email('b@example.com')] })));

beforeAll(async () => {
  at = await GateWorld.open(release);
  gate = `sigstore+${at.server.url}`;
  const { server, elsewhere, charts } = at;
  await at.world.write('root.json', sigstore.trustedRoot());
  policy = await at.world.write(
    'identities.yaml',
    `version: 1
keys: [publisher.gpg]
logs: [{ url: "${at.world.log.url}", publicKeys: [log.pem] }]
trustedRoot: root.json
rules:
  - name: bundles
    charts: ["${server.url}/bundles/**", "${server.url}/bundles-elsewhere/**", "${server.url}/bundles-queried/*"]
    signedBy: [{ identity: a@example.com, issuer: "https://issuer.example" }]
  - { name: provenance, charts: ["${server.url}/provenance/**", "${server.url}/tampered/**"], signedBy: [{ openpgp: ${at.world.publisher.fingerprint} }] }
`,
  );
  const unsigned = charts.get('unsigned-0.1.0');
  const other = await made('other', await chartArchive('other', '0.1.0'));
  const hello = await made('hello', await chartArchive('hello', '0.1.0', TAMPERED));
  const bundled = [hello, other, unsigned];
  serveRepository(server, '/bundles', bundled);
  serveRepository(elsewhere, '/files', bundled);
  serveRepository(server, '/bundles-elsewhere', bundled, {
    urls: (file) => [`${elsewhere.url}/files/${file}`],
  });
  serveRepository(server, '/bundles-queried', bundled, { query: 'team=a' });
  for (const [to, place, query] of [
    [server, '/bundles', ''],
    [elsewhere, '/files', ''],
    [server, '/bundles-queried', '?team=a'],
  ] as const) {
    to.put(`${place}/hello-0.1.0.tgz.sigstore.json${query}`, byA(hello.archive));
    to.put(`${place}/other-0.1.0.tgz.sigstore.json${query}`, byB(other.archive));
  }
  serveRepository(server, '/provenance', charts.all());
  serveRepository(server, '/tampered', [{ ...charts.get('hello-0.1.0'), archive: hello.archive }]);
});

async function made(name: string, archive: Uint8Array): Promise<MadeChart> {
  const directory = await at.world.subdirectory(`made-${name}`);
  const file = path.join(directory, `${name}-0.1.0.tgz`);
  await writeFile(file, archive);
  const id = `${name}-0.1.0`;
  return {
    id,
    name,
    version: '0.1.0',
    archive,
    sha256: '',
    provenance: undefined,
    evidence: undefined,
    path: file,
  };
}

afterAll(async () => {
  await at.close();
});

describe.skipIf(helms.length === 0).each(helms)('with Helm $version (needs Helm)', (helm) => {
  let user: GateUser;
  beforeAll(async () => {
    user = await at.user(helm);
    await user.do('sigstore', 'gate', 'install', '--policy', policy);
    for (const name of ['bundles', 'bundles-elsewhere', 'bundles-queried', 'provenance', 'tampered'])
      await user.do('repo', 'add', name, `${gate}/${name}${name.endsWith('queried') ? '?team=a' : ''}`);
  });

  const asked = (reference: string) =>
    [
      ['sigstore', 'verify', reference, '--policy', policy],
      ['sigstore', 'policy', 'check', reference, '--policy', policy],
      ['sigstore', '--policy', policy, 'template', 'x', reference],
      ['sigstore', '--policy', policy, 'show', 'chart', reference],
    ] as const;

  it.each([
    ['a Sigstore bundle beside it', 'bundles/hello'],
    ['a bundle beside its absolute URL', 'bundles-elsewhere/hello'],
    ['a bundle behind the query of the repository', 'bundles-queried/hello'],
    ['provenance', 'provenance/other'],
  ])('a chart is accepted by %s, as by the gate', async (_, reference) => {
    await user.do('template', 'x', reference);
    for (const argv of asked(reference)) {
      const ran = await user.run(...argv);
      expect(ran, argv.join(' ') + ran.stderr).toMatchObject({ status: 0 });
    }
  });

  it.each([
    [
      'that somebody else signed',
      'bundles/other',
      /"b@example\.com" \(issuer "https:.*"\), who is not accepted/,
    ],
    ['that nobody signed', 'provenance/unsigned', /there is no provenance/],
    ['without a bundle', 'bundles/unsigned', /there is no Sigstore bundle by such a signer/],
    ['with an archive that is not what was signed', 'tampered/hello', /archive-digest/],
    ['that a stranger signed', 'provenance/strange', /the key that signed the provenance is unknown/],
    ['that the log does not have', 'provenance/quiet', /the log has no entry of it/],
  ])('a chart %s is refused with status 10, and the reason of the gate', async (_, reference, reason) => {
    const gated = await user.run('template', 'x', reference);
    expect(gated.status).not.toBe(0);
    expect(gated.stderr).toMatch(reason);
    for (const argv of asked(reference)) {
      const { status, stderr, stdout } = await user.run(...argv);
      expect(status, argv.join(' ') + stdout + stderr).toBe(10);
      expect(stdout + stderr, argv.join(' ')).toMatch(reason);
    }
    // What does not hold is no matter of rules.
    if (reference.startsWith('tampered')) return;
    const [, command = ''] = /Hint: helm (.*) shows every rule/.exec(gated.stderr) ?? [];
    expect(command).toMatch(/^sigstore policy explain .*\/identities\.yaml$/);
    const explained = await user.run(...command.split(' '));
    expect(explained, explained.stderr).toMatchObject({
      status: 10,
      stdout: expect.stringMatching(/Gate: .*\n(?:.*\n)*Rule provenance \(line [0-9]+\): /) as string,
    });
  });

  it('what the gate refuses is accepted by no other policy', async () => {
    const any = await at.world.write('any.yaml', 'version: 1\notherwise: allow\n');
    for (const argv of [
      ['sigstore', 'verify', 'provenance/unsigned', '--policy', any],
      ['sigstore', 'policy', 'explain', 'provenance/unsigned', '--policy', any],
      ['sigstore', '--policy', any, 'template', 'x', 'provenance/unsigned'],
    ]) {
      const { status, stdout, stderr } = await user.run(...argv);
      expect(status, argv.join(' ') + stdout + stderr).toBe(10);
      expect(stderr).toContain('does not come through the gate');
      expect(stdout).not.toMatch(/^Accepted|kind:/m);
    }
  });
});
