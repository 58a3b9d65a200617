import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, listen } from '../support/loopback.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

const identity = selfSignedCertificate();
let world: World;
let chart: Awaited<ReturnType<World['chart']>>;
let fingerprint: string;
let ca: string[];

beforeAll(async () => {
  world = await World.open();
  chart = await world.chart('fetched');
  ({ fingerprint } = world.publisher);
  ca = ['--ca-file', await world.write('ca.pem', identity.cert)];
});
afterAll(async () => {
  await world.close();
});

/** A server of keys for which the user's authority vouches; the URL of a key on it. */
async function serveKeys(handler: RequestListener): Promise<string> {
  return `https://127.0.0.1:${await listen(createServer(identity, handler))}/keys/publisher.asc?token=secret`;
}

async function inspect(url: string, ...options: readonly string[]) {
  return await world.run(['inspect', chart.path, '--public-key', url, ...ca, ...options]);
}

describe('a key at a URL', () => {
  test('counts together with its fingerprint, and no other keyring is looked at', async () => {
    const url = await serveKeys(answer(200, world.publisher.armored));
    const { status, stdout } = await inspect(url, '--fingerprint', fingerprint);
    expect(status).toBe(0);
    expect(stdout).toContain(`Found In: ${url.replace(/\?.*/, '')}\n`);
    const stranger = await createSigner();
    const other = await inspect(await serveKeys(answer(200, stranger.armored)), '--fingerprint', fingerprint);
    expect(other.status).toBe(10);
    expect(other.stderr).toMatch(
      /expected a key of https:\S+\/publisher\.asc \(1 key\), found the fingerprint/,
    );
    const listed = await world.run(['keys', '--public-key', url, ...ca, '--fingerprint', fingerprint], {
      env: { KEYRING: '/nonexistent' },
    });
    expect(listed.stdout.match(/^Keyring: .*$/gm)).toHaveLength(1);
  });

  test('of a server that was broken into does not count: it has another fingerprint', async () => {
    const stranger = await createSigner();
    const forged = await world.chart('forged', stranger);
    const url = await serveKeys(answer(200, stranger.armored));
    const options = ['--public-key', url, ...ca, '--fingerprint', fingerprint];
    const { status, stderr } = await world.run(['inspect', forged.path, ...options]);
    expect(status).toBe(10);
    expect(stderr).toContain('the signer is not an acceptable one');
  });

  test('without a fingerprint is a usage error that shows the fingerprints found', async () => {
    const both = Buffer.concat([world.publisher.certificate, (await createSigner()).certificate]);
    const { status, stdout, stderr } = await inspect(await serveKeys(answer(200, both)));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^Error: a key from https:\S+\/publisher\.asc counts only with --fingerprint, which is missing; found there: /,
    );
    expect(stderr).toContain(`${fingerprint.toUpperCase()} ("Test Publisher <publisher@charts.example>"), `);
    expect(stderr).toContain(
      'Hint: compare the fingerprint with what the publisher says elsewhere, and add it',
    );
    expect(stderr).not.toContain('secret');
  });

  test.each([
    ['http://127.0.0.1/key.asc', 'a key is fetched from an https URL only, found "http://127.0.0.1/key.asc"'],
    ['ftp://keys.example/key.asc', 'Hint: download the file in another way, and name the file\n'],
    ['https://user:password@keys.example/key.asc', 'a URL of a key without credentials, found some'],
  ])('%s is refused before anything is asked', async (url, message) => {
    const { status, stderr } = await inspect(url, '--fingerprint', fingerprint);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('password');
  });

  test.each<[string, RequestListener, number, string]>([
    ['that is not there', answer(404, 'nothing'), 5, 'found the status 404'],
    ['that is a page', answer(200, '<html>'), 3, 'expected OpenPGP keys, found a web page'],
    ['that is empty', answer(200, ''), 3, 'found nothing'],
    [
      'that never ends',
      (_, response) => void response.end(Buffer.alloc(9 << 20)),
      5,
      'longer than 8388608 bytes',
    ],
    [
      'on a server that breaks off',
      (request) => void request.socket.destroy(),
      5,
      'no usable answer from https:',
    ],
  ])('%s is an error', async (_, handler, expected, message) => {
    const { status, stderr } = await inspect(await serveKeys(handler), '--fingerprint', fingerprint);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
    expect(stderr).not.toContain('secret');
  });

  test('of a server that nobody vouches for is not fetched', async () => {
    const url = await serveKeys(answer(200, world.publisher.armored));
    const options = ['--public-key', url, '--fingerprint', fingerprint];
    const { status, stderr } = await world.run(['inspect', chart.path, ...options]);
    expect(status).toBe(5);
    expect(stderr).toContain('its certificate is not trusted');
  });

  test('is no keyring', async () => {
    const options = ['--keyring', 'https://keys.example/key.asc'];
    const { status, stderr } = await world.run(['inspect', chart.path, ...options]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Error: expected --keyring to be a path, found a URL\nHint: .*--public-key/);
  });

  test('is no name of an archive', async () => {
    const options = ['--as', 'https://user:secret@charts.example/hello-0.1.0.tgz'];
    const { status, stderr } = await world.run(['inspect', chart.path, ...options]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      'Error: expected --as to be the name of a file, found a URL\n' +
        'Hint: give the name that was signed: NAME-VERSION.tgz\n',
    );
  });
});
