// A publisher who makes and signs charts in this process, a few milliseconds each: for cases that need many.
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import * as openpgp from 'openpgp';
import { pack } from 'tar-stream';

export class Publisher {
  /**
   * Makes an RSA 3072 key, as publishers have.
   *
   * @param {string} directory for the charts, and the keyring
   */
  static async create(directory) {
    const { privateKey } = await openpgp.generateKey({
      type: 'rsa',
      rsaBits: 3072,
      userIDs: { name: 'Benchmark', email: 'benchmark@charts.example' },
      format: 'object',
    });
    const publisher = new Publisher(directory, privateKey);
    await writeFile(publisher.keyring, privateKey.toPublic().write());
    return publisher;
  }

  /** @type {openpgp.PrivateKey} */
  #key;

  /**
   * @param {string} directory
   * @param {openpgp.PrivateKey} key
   */
  constructor(directory, key) {
    this.directory = directory;
    this.keyring = path.join(directory, 'publisher.gpg');
    this.#key = key;
  }

  /**
   * Makes a chart that holds so many bytes of noise, which no compression makes smaller, and its provenance.
   *
   * @param {string} name
   * @param {number} size in bytes, a power of two
   * @returns {Promise<{ archive: string, sha256: string }>} the file, and its digest in hexadecimal
   */
  async publish(name, size) {
    const metadata = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`;
    const archive = path.join(this.directory, `${name}-1.0.0.tgz`);
    const sha256 = await writeArchive(archive, { name, metadata, size });
    const text = `${metadata}\n...\nfiles:\n  ${path.basename(archive)}: sha256:${sha256}\n`;
    await writeFile(`${archive}.prov`, await this.#sign(text));
    return { archive, sha256 };
  }

  /** @param {string} text */
  async #sign(text) {
    const message = await openpgp.createCleartextMessage({ text });
    return await openpgp.sign({ message, signingKeys: this.#key });
  }
}

/**
 * @param {string} file
 * @param {{ name: string, metadata: string, size: number }} chart
 * @returns {Promise<string>} SHA-256 of what was written
 */
async function writeArchive(file, { name, metadata, size }) {
  const hash = createHash('sha256');
  const tar = pack();
  tar.entry({ name: `${name}/Chart.yaml` }, metadata);
  const noise = tar.entry({ name: `${name}/files/noise`, size }, () => tar.finalize());
  await Promise.all([
    pipeline(Readable.from(noiseOf(size)), noise),
    pipeline(
      tar,
      createGzip({ level: 0 }),
      async function* (chunks) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(file),
    ),
  ]);
  return hash.digest('hex');
}

/** @param {number} size */
function* noiseOf(size) {
  const piece = randomBytes(Math.min(size, 2 ** 20));
  for (let made = 0; made < size; made += piece.length) yield piece;
}
