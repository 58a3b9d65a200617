import { createHash } from 'node:crypto';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { post } from '../support/ask.ts';
import { startChromium } from '../support/chromium.ts';
import { startTestLog, type TestLog } from '../support/log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { Reader } from './reader.ts';

/** An entry of the log. */
interface Logged {
  readonly id: string;
  readonly leafHash: string;
  readonly archive: Buffer;
  readonly sha256: string;
  readonly provenance: Uint8Array;
}

/** When the first entry was logged, 2025-06-15; each other one a second later. */
const FIRST_TIME = 1_750_000_000;
export const ANN = 'Ann Example <ann@charts.example>';
/** HTML, a character that turns others around, controls, a line break, one that is not drawn. */
const HOSTILE = '<img src=x onerror=alert(1)> \u202egnp.exe\u0007\n\u200b<b>& <hostile@charts.example>';
const LONG = `${'x'.repeat(32 << 10)} <long@charts.example>`;

/** A log of fourteen entries, and a browser, for a file of tests. */
export class PageWorld {
  readonly #logged: Logged[] = [];

  private constructor(
    readonly browser: Browser,
    readonly log: TestLog,
    readonly ann: TestSigner,
  ) {}

  /** The entries: twelve of Ann (0 to 11), one of somebody with hostile names (12), one of another key with her address (13). */
  static async open(): Promise<PageWorld> {
    const browser = await startChromium();
    const log = await startTestLog(FIRST_TIME);
    const ann = await createSigner({ userIds: [ANN] });
    const world = new PageWorld(browser, log, ann);
    for (let patch = 0; patch < 12; patch++) await world.#add(ann, `0.1.${patch}`);
    await world.#add(await createSigner({ userIds: [HOSTILE, LONG] }), '6.6.6');
    await world.#add(await createSigner({ userIds: ['Not Ann <ann@charts.example>'] }), '0.1.0');
    return world;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.log.close();
  }

  /** The address of the page. */
  get url(): string {
    return `${this.log.url}/`;
  }

  /** The entry at a log index. */
  entry(index: number): Logged {
    const found = this.#logged[index];
    if (found === undefined) throw new Error(`there is no entry ${index}`);
    return found;
  }

  /** Opens the page, until the test ends, and waits for what it shows. */
  async read(fragment = '', options: BrowserContextOptions = {}): Promise<Reader> {
    const reader = await Reader.open(this.browser, this.url, { ...options, fragment });
    await reader.title();
    return reader;
  }

  async #add(signer: TestSigner, version: string): Promise<void> {
    const index = this.#logged.length;
    const archive = Buffer.from(`an archive that says it is ${version}, number ${index}`);
    const provenance = await signer.sign('hello', version, archive);
    this.log.now = FIRST_TIME + index;
    const proposed = proposedEntry(provenance, signer.certificate);
    const { body } = await post(`${this.log.url}/api/v1/log/entries`, proposed);
    const { text: id, leafHash } = parseLogEntry(JSON.parse(body)).id;
    const sha256 = createHash('sha256').update(archive).digest('hex');
    this.#logged.push({ id, leafHash, archive, sha256, provenance });
  }
}

/** A file as a browser is given one. */
export function fileOf(
  name: string,
  buffer: Uint8Array,
): { readonly name: string; readonly mimeType: string; readonly buffer: Buffer } {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(buffer) };
}
