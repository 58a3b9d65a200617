import { copyFile, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { serveBefore } from '../support/front.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let stranger: TestSigner;
let chart: Awaited<ReturnType<World['loggedChart']>>;

beforeAll(async () => {
  world = await World.open();
  stranger = await createSigner({ userIds: ['Stranger <stranger@charts.example>'] });
  chart = await world.loggedChart('hello');
  await world.subdirectory('policy/keys');
  await copyFile(world.keyring, join(world.directory, 'policy/keys/publisher.gpg'));
  await copyFile(world.log.publicKeyPath, join(world.directory, 'policy/keys/log.pem'));
});

afterAll(async () => {
  await world.close();
});

let count = 0;

/** A policy with the world's log and its publisher, and these lines. */
async function policy(lines: string, head = 'keys: [keys/publisher.gpg]'): Promise<string> {
  count += 1;
  const log = `logs: [{ url: "${world.log.url}", publicKeys: [keys/log.pem] }]`;
  return await world.write(`policy/${count}.yaml`, `version: 1\n${head}\n${log}\n${lines}\n`);
}

function rule(members: string, signedBy = `[{ openpgp: ${world.publisher.fingerprint} }]`): string {
  return `rules:\n  - { name: rule, charts: ["*"], signedBy: ${signedBy}${members} }`;
}

async function verify(path: string, lines: string, ...options: string[]) {
  return await world.run(['verify', path, '--policy', await policy(lines), ...options]);
}

/** The member `policy` of the one chart, with its verdict. */
async function verdict(path: string, lines: string, ...options: string[]) {
  const { status, stdout } = await verify(path, lines, '--output', 'json', ...options);
  const { results } = JSON.parse(stdout) as { results: { verdict?: string; policy?: { reason: string } }[] };
  return { status, verdict: results[0]?.verdict, reason: results[0]?.policy?.reason };
}

/** A chart without provenance. */
async function unsigned(name: string): Promise<string> {
  const { path } = await world.chart(name);
  await rm(`${path}.prov`);
  return path;
}

describe('a chart whose rule is satisfied', () => {
  test('is verified, and the rule is shown', async () => {
    const { status, stdout, stderr } = await verify(chart.path, rule(''));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Chart Verified Successfully From Helm entry:\n/);
    expect(stdout).toContain('Policy: the rule rule is satisfied\nRule: rule\nSatisfied: openpgp ');
  });

  test('is rejected all the same if its archive is another one, at every level', async () => {
    const path = join(await world.subdirectory('other'), 'hello-0.1.0.tgz');
    await copyFile((await world.chart('else')).path, path);
    await copyFile(`${chart.path}.prov`, `${path}.prov`);
    for (const lines of [rule(''), rule(', level: warn'), 'otherwise: warn', 'otherwise: allow'])
      expect(await verdict(path, lines)).toMatchObject({ status: 10, verdict: 'rejected' });
  });

  test('is rejected if its file has the name of another chart, which would have another rule', async () => {
    const path = join(await world.subdirectory('renamed'), 'free-0.1.0.tgz');
    await copyFile(chart.path, path);
    await copyFile(`${chart.path}.prov`, `${path}.prov`);
    const lines = `rules:\n  - { name: free, charts: [free], level: warn, signedBy: any }\notherwise: allow`;
    expect(await verdict(path, lines)).toMatchObject({ status: 10, verdict: 'rejected' });
    // `--as` names the chart for rules too, and is held against what is signed.
    expect(await verdict(path, lines, '--as', 'hello-0.1.0.tgz')).toMatchObject({ verdict: 'allowed' });
    expect(await verdict(path, lines.replace('allow', 'deny'), '--as', 'hello-0.1.0.tgz')).toMatchObject({
      status: 10,
      verdict: 'refused',
    });
  });
});

describe('a chart whose rule is not satisfied', () => {
  test('is refused: another signer', async () => {
    const lines = rule('', `[{ openpgp: ${stranger.fingerprint} }]`);
    expect(await verdict(chart.path, lines)).toMatchObject({ status: 10, verdict: 'refused' });
    const { stdout, stderr } = await verify(chart.path, lines);
    expect(stderr).toMatch(
      /^Error: .*: the policy refuses it: the rule rule needs a signer of signedBy, found none: the provenance is by [0-9A-F]{40}, who is not accepted\nHint: /,
    );
    expect(stdout).toContain('Lacking: openpgp ');
  });

  test('is refused: never logged, never signed, or signed by a key that nobody knows', async () => {
    const unlogged = await world.chart('unlogged');
    const unknown = await world.chart('unknown', stranger);
    for (const path of [unlogged.path, unknown.path, await unsigned('unsigned')]) {
      expect(await verdict(path, rule(''))).toMatchObject({ status: 10, verdict: 'refused' });
      expect(await verdict(path, rule(', level: warn'))).toMatchObject({ status: 0, verdict: 'warned' });
      expect(await verdict(path, 'otherwise: allow')).toMatchObject({ status: 0, verdict: 'allowed' });
      expect(await verdict(path, 'otherwise: deny')).toMatchObject({ status: 10, verdict: 'refused' });
    }
  });

  test('passes with a warning where the rule only warns, and the first line does not say that it is verified', async () => {
    const path = await unsigned('warned');
    const { status, stdout, stderr } = await verify(path, rule(', level: warn'));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Chart Not Verified, And The Policy Only Warns:\n\nChart: /);
    expect(stderr).toBe(
      `Warning: ${path} is not verified: the rule rule needs a signer of signedBy, found none: there is no provenance\n`,
    );
  });

  test('is refused: an identity that signed nothing of it', async () => {
    const lines = rule('', '[{ identity: a@acme.example, issuer: https://issuer.example }]');
    expect(await verdict(chart.path, lines)).toMatchObject({ status: 10, verdict: 'refused' });
    expect((await verify(chart.path, lines)).stdout).toContain('no signature by it is proven');
  });

  test('could not be checked: the log does not answer, or was never seen', async () => {
    const front = await serveBefore(world.log, {
      instead: { 'POST /api/v1/log/entries/retrieve': () => undefined },
    });
    const dead = await world.write(
      'policy/dead.yaml',
      `version: 1\nkeys: [keys/publisher.gpg]\nlogs: [{ url: "${front.url}", publicKeys: [keys/log.pem] }]\n${rule(', level: warn')}\n`,
    );
    expect(await world.run(['verify', chart.path, '--policy', dead, '--timeout', '300ms'])).toMatchObject({
      status: 5,
    });
    const home = await world.subdirectory('fresh-home');
    const argv = ['verify', chart.path, '--policy', await policy(rule(', consistency: required'))];
    expect(await world.run(argv, { home })).toMatchObject({ status: 5 });
  });
});

describe('a digest in the policy', () => {
  const pin = async (path: string, until: string) => {
    return `[{ digest: "sha256:${sha256Hex(await readFile(path))}", until: ${until}, reason: reviewed }]`;
  };

  test('lets a chart pass that nobody signed, and does not call it verified', async () => {
    const path = await unsigned('pinned');
    const { status, stdout, stderr } = await verify(path, rule('', await pin(path, '2999-12-31')));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Chart Not Verified, And Accepted By Its Digest:\n/);
    expect(await verdict(path, rule('', await pin(path, '2999-12-31')), '--offline')).toMatchObject({
      status: 0,
      verdict: 'pinned',
    });
  });

  test('counts until its day, for its archive, and not where a flag asks for a signer', async () => {
    const path = await unsigned('lapsed');
    expect(await verdict(path, rule('', await pin(path, '2020-01-01')))).toMatchObject({ status: 10 });
    expect(await verdict(path, rule('', await pin(chart.path, '2999-12-31')))).toMatchObject({ status: 10 });
    const flag = ['--fingerprint', world.publisher.fingerprint];
    expect(await verdict(path, rule('', await pin(path, '2999-12-31')), ...flag)).toMatchObject({
      status: 10,
    });
    expect(await verdict(path, 'otherwise: allow', ...flag)).toMatchObject({ status: 10 });
    expect(await verdict(path, 'otherwise: allow', '--require-consistency')).toMatchObject({ status: 10 });
  });
});

describe('with a policy', () => {
  test.each([
    ['--keyring', 'x.gpg'],
    ['--public-key', 'x.asc'],
    ['--rekor-server', 'https://other.example'],
    ['--rekor-public-key', 'x.pem'],
    ['--trusted-root', 'x.json'],
    ['--insecure-allow-weak-keys'],
    ['--insecure-trust-on-first-use'],
  ])('%s is a usage error, wherever it stands', async (...option) => {
    const path = await policy(rule(''));
    const behind = await world.run(['verify', chart.path, '--policy', path, ...option]);
    expect(behind).toMatchObject({ status: 2, stderr: expect.stringContaining('with a policy') as unknown });
    if (option[0] === '--keyring')
      expect(await world.run([...option, 'verify', chart.path, '--policy', path])).toMatchObject({
        status: 2,
      });
  });

  test('their variables are ignored, and that is said', async () => {
    const env = {
      KEYRING: '/nonexistent',
      REKOR_SERVER: 'https://other.example',
      SIGSTORE_REKOR_PUBLIC_KEY: '/nonexistent',
    };
    const { status, stderr } = await world.run(['verify', chart.path, '--policy', await policy(rule(''))], {
      env,
    });
    expect(status).toBe(0);
    for (const name of Object.keys(env)) expect(stderr).toContain(`Warning: ${name} is ignored`);
  });

  test('--fingerprint only narrows', async () => {
    const other = await verdict(chart.path, rule(''), '--fingerprint', stranger.fingerprint);
    expect(other).toMatchObject({ status: 10 });
    const same = await verdict(chart.path, rule(''), '--fingerprint', world.publisher.fingerprint);
    expect(same).toMatchObject({ status: 0 });
  });

  test('is found by its variable, and in the configuration directory; never in the working directory', async () => {
    const path = await policy('otherwise: deny');
    const byVariable = await world.run(['verify', chart.path], { env: { HELM_SIGSTORE_POLICY: path } });
    expect(byVariable).toMatchObject({ status: 10 });
    const config = await world.subdirectory('config/sigstore');
    await copyFile(path, join(config, 'policy.yaml'));
    await copyFile(world.keyring, join(config, 'publisher.gpg'));
    await mkdir(join(config, 'keys'));
    for (const name of ['publisher.gpg', 'log.pem'])
      await copyFile(join(world.directory, 'policy/keys', name), join(config, 'keys', name));
    const env = { HELM_CONFIG_HOME: join(world.directory, 'config') };
    expect(await world.run(['verify', chart.path], { env })).toMatchObject({ status: 10 });
    expect(await world.run(['verify', chart.path, ...world.knowing()], { env })).toMatchObject({ status: 2 });
    // A link that leads nowhere is a policy that was lost, and no reason to do without one.
    await rm(join(config, 'policy.yaml'));
    await symlink('gone.yaml', join(config, 'policy.yaml'));
    expect(await world.run(['verify', chart.path], { env })).toMatchObject({ status: 3 });
    await rm(join(config, 'policy.yaml'));
    expect(await world.run(['verify', chart.path, ...world.knowing()], { env })).toMatchObject({ status: 0 });
  });

  test('a mistake in it is a usage error, with line and column', async () => {
    const { status, stderr } = await verify(chart.path, 'otherwize: allow');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Error: the policy .*\.yaml: line 4, column 1: .*"otherwize"/);
    const large = await world.write('policy/large.yaml', `version: 1\n${'#'.repeat(10 << 20)}\n`);
    expect(await world.run(['verify', chart.path, '--policy', large])).toMatchObject({ status: 2 });
  });

  test('what leads out of its folder is refused; a mounted ConfigMap is not', async () => {
    const folder = await world.subdirectory('mounted');
    await world.subdirectory('mounted/..2026');
    await copyFile(world.keyring, join(folder, '..2026', 'publisher.gpg'));
    await symlink('..2026', join(folder, '..data'));
    await symlink('..data/publisher.gpg', join(folder, 'publisher.gpg'));
    await copyFile(world.log.publicKeyPath, join(folder, 'log.pem'));
    const log = `logs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]`;
    const inside = await world.write(
      'mounted/in.yaml',
      `version: 1\nkeys: [publisher.gpg]\n${log}\n${rule('')}\n`,
    );
    expect(await world.run(['verify', chart.path, '--policy', inside])).toMatchObject({ status: 0 });
    await symlink(world.keyring, join(folder, 'out.gpg'));
    const outside = await world.write(
      'mounted/out.yaml',
      `version: 1\nkeys: [out.gpg]\n${log}\n${rule('')}\n`,
    );
    const { status, stderr } = await world.run(['verify', chart.path, '--policy', outside]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/line 2, column 8: .*leads out of its folder/);
    const missing = await world.write('mounted/no.yaml', `version: 1\nkeys: [gone.gpg]\n${log}\n`);
    expect(await world.run(['verify', chart.path, '--policy', missing])).toMatchObject({ status: 3 });
  });

  test('a checkpoint of its log counts as seen', async () => {
    const history = await world.run(['log', 'info', ...world.trusting(), '--output', 'json']);
    expect(history.status).toBe(0);
    const { stdout } = await world.run(['evidence', chart.path, ...world.knowing(), '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 0 });
    const evidence = JSON.parse(await readFile(`${chart.path}.rekor.json`, 'utf8')) as unknown;
    await rm(`${chart.path}.rekor.json`);
    const note = /"envelope":\s*("(?:[^"\\]|\\.)*")/.exec(JSON.stringify(evidence))?.[1] ?? '""';
    await world.write('policy/keys/seen.txt', JSON.parse(note) as string);
    // The log grows, so that there is something to prove.
    await world.loggedChart('later');
    const log = `logs: [{ url: "${world.log.url}", publicKeys: [keys/log.pem], checkpoints: [keys/seen.txt] }]`;
    const lines = `version: 1\nkeys: [keys/publisher.gpg]\n${log}\n${rule(', consistency: required')}\n`;
    const path = await world.write('policy/seen.yaml', lines);
    const home = await world.subdirectory('another-fresh-home');
    const ran = await world.run(['verify', chart.path, '--policy', path, '--verbose'], { home });
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toMatch(/passed +consistency/);
  });
});

test('evidence and mirror take only what is proven, whatever a policy lets pass', async () => {
  const path = await policy('otherwise: allow');
  const bare = await unsigned('kept');
  expect(await world.run(['evidence', bare, '--policy', path])).toMatchObject({ status: 3 });
  const to = join(world.directory, 'mirrored');
  expect(await world.run(['mirror', bare, '--to', to, '--policy', path])).toMatchObject({ status: 10 });
  expect(await world.run(['mirror', chart.path, '--to', to, '--policy', path])).toMatchObject({ status: 10 });
  const enforced = await policy(rule(''));
  expect(await world.run(['mirror', chart.path, '--to', to, '--policy', enforced])).toMatchObject({
    status: 0,
  });
});
