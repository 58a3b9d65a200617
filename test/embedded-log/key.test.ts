import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Log, type LogOptions } from '../../src/embedded-log/log/log.ts';
import { encodeBase64, encodeUtf8 } from '../../src/encoding.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../src/tlog/checkpoint.ts';
import { verifyInclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
const open = (directory: string, options: LogOptions = {}) => Log.open(directory, () => NOW, options);

async function keyFile(key: KeyObject, passphrase?: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'log-key.pem');
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  await writeFile(path, key.export({ format: 'pem', type: 'pkcs8', ...cipher }), { mode: 0o600 });
  return path;
}

describe('the key of a new log', () => {
  it('is Ed25519, for its user alone, and made once', async () => {
    const directory = await temporaryDirectory();
    const log = await open(directory);
    expect(log.key.publicKey.asymmetricKeyType).toBe('ed25519');
    await log.close();
    const path = join(directory, 'key.pem');
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    const pem = await readFile(path, 'utf8');
    await (await open(directory)).close();
    expect(await readFile(path, 'utf8')).toBe(pem);
  });

  it.each([
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('is the one that its owner names (%s), which is not copied, and signs all', async (_, privateKey) => {
    const directory = await temporaryDirectory();
    const options = { keyFile: await keyFile(privateKey) };
    const log = await open(directory, options);
    await log.add({ body: encodeUtf8('a'), indexKeys: [] });
    const entry = parseLogEntry(await log.entry(0));
    const promise = { ...entry.time, logId: entry.logId, body: encodeBase64(entry.body) };
    expect(verifyInclusionPromise(promise, entry.time.signature, log.key)).toBe(true);
    expect(verifyCheckpointSignature(parseCheckpoint(log.head.text), log.key)).toBe(true);
    await log.close();
    expect(await readdir(directory)).not.toContain('key.pem');
    await expect(open(directory)).rejects.toThrow("the log's key is missing");
    const again = await open(directory, options);
    expect(again.head.size).toBe(1);
    await again.close();
    const other = await keyFile(generateKeyPairSync('ed25519').privateKey);
    await expect(open(directory, { keyFile: other })).rejects.toThrow('was signed with another key');
  });

  it('may have a passphrase, which is read from a file', async () => {
    const directory = await temporaryDirectory();
    const path = await keyFile(generateKeyPairSync('ed25519').privateKey, 'open sesame');
    const passphraseFile = join(await temporaryDirectory(), 'passphrase');
    await expect(open(directory, { keyFile: path })).rejects.toMatchObject({
      hint: 'name the file with its passphrase: --passphrase-file FILE',
    });
    await writeFile(passphraseFile, 'wrong\n');
    const options = { keyFile: path, passphraseFile };
    await expect(open(directory, options)).rejects.toThrow('is not a private key');
    await writeFile(passphraseFile, '\n');
    await expect(open(directory, options)).rejects.toThrow('expected a passphrase in the first line');
    await writeFile(passphraseFile, 'open sesame\nanother line\n');
    await (await open(directory, options)).close();
    await rm(path);
    await expect(open(directory, options)).rejects.toThrow('found no such file');
  });
});

describe('the name and the address of a log', () => {
  it('are decided when it is made, and cannot change', async () => {
    const directory = await temporaryDirectory();
    const made = { name: 'log.example.com', publicUrl: 'https://log.example.com' };
    const log = await open(directory, made);
    expect(log.head.text.split('\n')[0]).toBe(`log.example.com - ${log.treeId}`);
    expect(log.head.text).toContain('\n\u2014 log.example.com ');
    expect(log.publicUrl).toBe('https://log.example.com');
    await log.add({ body: encodeUtf8('a'), indexKeys: [] });
    await log.close();
    for (const options of [{}, made]) {
      const again = await open(directory, options);
      expect([again.publicUrl, again.treeId]).toEqual([made.publicUrl, log.treeId]);
      await again.close();
    }
    await expect(open(directory, { name: 'other' })).rejects.toThrow(
      'the log was made with --origin log.example.com, and cannot change to other',
    );
    await expect(open(directory, { publicUrl: 'https://other' })).rejects.toThrow(
      'was made with --public-url',
    );
  });

  it.each(['', 'a b', 'a+b', 'a\nb', 'ü', 'a'.repeat(201)])('%j is no name for a log', async (name) => {
    await expect(open(await temporaryDirectory(), { name })).rejects.toThrow('--origin expects a name');
  });
});
