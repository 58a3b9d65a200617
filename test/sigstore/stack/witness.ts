import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Somebody who signs the checkpoints of a log beside it (C2SP tlog-witness). It believes each of them. */
export interface Witness {
  readonly name: string;
  /** The path of a policy for a log that needs this witness. */
  readonly policy: string;
  close(): Promise<void>;
}

export async function startWitness(directory: string): Promise<Witness> {
  const name = 'witness.example';
  const { privateKey } = generateKeyPairSync('ed25519');
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  // C2SP tlog-cosignature: the kind of key is 4.
  const key = Buffer.concat([Buffer.of(4), raw]);
  const id = createHash('sha256').update(`${name}\n`).update(key).digest().subarray(0, 4);
  const cosigned = (checkpoint: string): string => {
    const seconds = Math.floor(Date.now() / 1000);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    const text = checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), privateKey);
    return `\u2014 ${name} ${Buffer.concat([id, time, signature]).toString('base64')}\n`;
  };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const asked = Buffer.concat(pieces).toString();
      // Behind the proof that it extends the last one, which is not looked at.
      response.end(cosigned(asked.slice(asked.indexOf('\n\n') + 2)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const policy = path.join(directory, 'witnesses');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(
    policy,
    `witness w1 ${name}+${id.toString('hex')}+${key.toString('base64')} ${url}\nquorum w1\n`,
  );
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { name, policy, close };
}
