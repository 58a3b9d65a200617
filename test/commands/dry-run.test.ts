import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveBefore } from '../support/front.ts';
import { createSigner, DAY } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

async function rehearse(
  path: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  return await world.run(['upload', path, '--dry-run', ...options], { env });
}

describe('upload --dry-run', () => {
  test('says what would be sent, where, and which address becomes public, and sends nothing', async () => {
    const { path } = await world.chart('rehearsed');
    const front = await serveBefore(world.log);
    const { status, stdout, stderr } = await rehearse(path, world.knowing(front));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^Nothing Was Sent: ${path} \\(--dry-run\\)\\nDigest: sha256:[0-9a-f]{64}\\n\\nRekor Server: ${front.url} \\(--rekor-server\\)\\n` +
          'Would Become Public: e-mail address publisher@charts\\.example\\n' +
          'Would Become Public: user ID Test Publisher <publisher@charts\\.example>\\n' +
          'Would Be Sent: provenance, [0-9]+ bytes\\nWould Be Sent: public key of the signer, [0-9]+ bytes\\n' +
          'Signed By: ',
      ),
    );
    expect(front.seen.map(({ url }) => url)).toEqual(['/api/v1/log/entries/retrieve']);
    const search = await world.run(['search', path, ...world.trusting()]);
    expect(search.status).toBe(4);
  });

  test('has the same as JSON, without a verdict', async () => {
    const { path } = await world.chart('rehearsed-json');
    const options = ['--output', 'json', '--keyring', world.keyring];
    const env = { REKOR_SERVER: world.log.url, SIGSTORE_REKOR_PUBLIC_KEY: world.log.publicKeyPath };
    const { status, stdout } = await rehearse(path, options, env);
    expect(status).toBe(0);
    const { results } = JSON.parse(stdout) as { results: Record<string, unknown>[] };
    expect(results).toMatchObject([
      {
        chart: path,
        outcome: 'planned',
        plan: {
          url: world.log.url,
          chosenBy: 'REKOR_SERVER',
          email: 'publisher@charts.example',
          leafHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      },
    ]);
    expect(results[0]).not.toHaveProperty('verdict');
  });

  test('says that it is there already, as upload does', async () => {
    const { path } = await world.loggedChart('rehearsed-twice');
    const { status, stdout } = await rehearse(path, world.knowing());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Helm entry already exists/);
  });

  test('goes on where the log does not answer, and says so', async () => {
    const { path } = await world.chart('rehearsed-offline');
    const options = ['--rekor-public-key', world.log.publicKeyPath, '--keyring', world.keyring];
    const { status, stdout, stderr } = await rehearse(path, [
      '--rekor-server',
      'http://127.0.0.1:1',
      ...options,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Nothing Was Sent: /);
    expect(stderr).toMatch(/^Warning: whether the log has it already is not known: /);
  });

  test('has the status of the local checks: a changed archive, a dead key, no trusted key of the log', async () => {
    const changed = await world.chart('rehearsed-changed');
    await writeFile(changed.path, Buffer.concat([changed.archive, Buffer.from('x')]));
    const rejected = await rehearse(changed.path, world.knowing());
    expect(rejected.status).toBe(10);
    expect(rejected.stderr).toMatch(/archive-digest: [^\n]*\nHint: .*helm sigstore sign --force\n$/);

    const owner = await createSigner({ expiresAfter: 200 * DAY });
    const dead = await world.chart('rehearsed-dead', owner);
    const ring = await world.write('dead.gpg', owner.certificate);
    expect(await rehearse(dead.path, [...world.trusting(), '--keyring', ring])).toMatchObject({
      status: 10,
    });

    const { path } = await world.chart('rehearsed-untrusted');
    const untrusted = ['--rekor-server', world.log.url, '--keyring', world.keyring];
    expect(await rehearse(path, untrusted)).toMatchObject({ status: 5, stdout: '' });
  });
});
