import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { serveTlsBefore } from '../support/tls-front.ts';
import { TufRepository } from '../support/tuf-repository.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['chart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.chart('private');
});

afterAll(async () => {
  await world.close();
});

describe('a log for which a private authority vouches', () => {
  test.for([
    ['upload', () => ['upload', chart.path, '--no-evidence', '--keyring', world.keyring]],
    ['verify', () => ['verify', chart.path, '--keyring', world.keyring]],
    ['search', () => ['search', chart.path]],
  ] as const)('is asked by %s with --ca-file or SSL_CERT_FILE, and not without', async ([, words]) => {
    const front = await serveTlsBefore(world.log);
    const argv = [...words(), ...world.trusting(front)];
    const without = await world.run(argv);
    expect(without.status).toBe(5);
    expect(without.stderr).toContain('its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)\n');
    expect(without.stderr).toContain('SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, or give it with --ca-file');
    const ca = await world.write('ca.pem', front.ca);
    expect(await world.run([...argv, '--ca-file', ca])).toMatchObject({ status: 0 });
    expect(await world.run(argv, { env: { SSL_CERT_FILE: ca } })).toMatchObject({ status: 0 });
  });

  test('can be pinned', async () => {
    const front = await serveTlsBefore(world.log);
    const ca = await world.write('ca.pem', front.ca);
    const { logId } = logKeyFromPem(await readFile(join(world.log.publicKeyPath), 'utf8'));
    const argv = ['log', 'pin', front.url, '--fingerprint', logId];
    expect(await world.run(argv)).toMatchObject({ status: 5 });
    expect(await world.run([...argv, '--ca-file', ca])).toMatchObject({ status: 0 });
  });

  test('is not asked for which another authority vouches', async () => {
    const front = await serveTlsBefore(world.log);
    const ca = await world.write('other.pem', selfSignedCertificate().cert);
    const ran = await world.run(['search', chart.path, ...world.trusting(front), '--ca-file', ca]);
    expect(ran).toMatchObject({ status: 5, stdout: '' });
  });
});

describe('a file of authorities', () => {
  test.for([
    ['is missing', undefined, 'there is no file'],
    ['holds no certificate', 'text', 'to hold certificates in PEM'],
  ] as const)('that %s is an error before anybody is asked', async ([, content, says]) => {
    const path = content === undefined ? '/nonexistent/ca.pem' : await world.write('bad.pem', content);
    const ran = await world.run(['search', chart.path, ...world.trusting(), '--ca-file', path]);
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain(says);
  });

  test("counts for a mirror of Sigstore's TUF repository as well", async () => {
    const front = await serveTlsBefore(await TufRepository.start('{}'));
    const ca = await world.write('ca.pem', front.ca);
    const argv = ['trust', 'update', '--mirror', front.url];
    expect((await world.run(argv)).stderr).toContain('its certificate is not trusted');
    expect((await world.run([...argv, '--ca-file', ca])).stderr).toContain(
      'timestamp was signed by 0/1 keys',
    );
  });
});
