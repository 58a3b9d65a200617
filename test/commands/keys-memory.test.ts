import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import { floodedCopies } from '../support/flooded-keys.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { bundle, MEASURED_PROGRAM, smallestRun } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const LIMIT = 150;
const OTHER = manyCertificates(1);

interface Listed {
  readonly keys: readonly { readonly userIds: readonly string[]; readonly problem?: string }[];
}

/** What `keys` says of the keys in a file, in a process of its own, and its largest size in MiB. */
async function keys(...certificates: readonly Uint8Array[]) {
  const directory = await temporaryDirectory();
  const keyring = join(directory, 'keys.gpg');
  await writeFile(keyring, Buffer.concat(certificates));
  const program = await bundle(MEASURED_PROGRAM, directory);
  const argv = ['keys', '--keyring', keyring, '--output', 'json'];
  return await smallestRun(LIMIT, program, argv, { HOME: directory });
}

describe.skipIf(process.platform !== 'linux')('a keyring with copies of one key (needs /proc)', () => {
  it.each([
    ['ten copies with 9,990 forged revocations of a user ID each', 10],
    ['twenty such copies', 20],
  ])(
    `%s: it stays below ${LIMIT} MiB, and the other keys are listed`,
    async (_, copies) => {
      const flooded = floodedCopies(copies, 9990, signatureType.certificationRevocation);
      const { status, stdout, peak } = await keys(flooded, ...OTHER);
      expect(status).toBe(0);
      const { keys: listed } = JSON.parse(stdout) as Listed;
      expect(listed.map(({ problem = '' }) => problem)).toEqual([
        expect.stringMatching(
          /^the copies of the key [0-9a-f]{40} have more than 25000 signatures together; /,
        ),
        '',
      ]);
      expect(peak).toBeLessThan(LIMIT);
    },
    600_000,
  );

  it(`ten copies with 9,990 forged revocations of the key each: refused below ${LIMIT} MiB`, async () => {
    const { status, stderr, peak } = await keys(floodedCopies(10, 9990, signatureType.keyRevocation));
    expect(status).toBe(3);
    expect(stderr).toContain('expected at most 10000 key revocations, found more');
    expect(peak).toBeLessThan(LIMIT);
  }, 600_000);
});

describe.skipIf(process.platform !== 'linux')('a keyring with 10,000 keys (needs /proc)', () => {
  it(`is listed below ${LIMIT} MiB`, async () => {
    const { status, stdout, peak } = await keys(...manyCertificates(10_000));
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as Listed).keys).toHaveLength(10_000);
    expect(peak).toBeLessThan(LIMIT);
  }, 600_000);
});
