import { printableJson, printableLine } from '../render/printable.ts';
import { Concealed } from './concealed.ts';
import { documentText, KeptJson } from './kept-json.ts';

/** Where bytes go: a stream of the process, or what stands for one. */
export interface OutputStream {
  /** Never throws: `failure` reports an error. */
  readonly write: (content: string | Uint8Array) => void;
  readonly isTerminal: boolean;
  /** Why nothing more can be written, as far as that is known yet. */
  readonly failure: NodeJS.ErrnoException | undefined;
  /** Resolves when all that was written has arrived, or failed. */
  readonly settled: () => Promise<void>;
}

/** Where a run prints: its answer, and its messages. */
export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * The only way in which a run prints, because nothing else has the stream. It escapes the characters that a
 * terminal acts on and hides the credentials of URLs, so foreign text is harmless in every line and document.
 */
export class Output {
  readonly #stream: OutputStream;
  readonly #concealed: Concealed;
  #isLineShown = false;

  /** @param concealed what neither this output nor another one that shares it shows */
  constructor(stream: OutputStream, concealed = new Concealed()) {
    this.#stream = stream;
    this.#concealed = concealed;
  }

  /** An output that discards everything. */
  static toNowhere(): Output {
    const settled = () => Promise.resolve();
    return new Output({ write: () => undefined, isTerminal: false, failure: undefined, settled });
  }

  /** Shows stars from now on in place of this secret, here and in the outputs that share what is concealed. */
  conceal(secret: string): void {
    this.#concealed.add(secret);
  }

  /** Writes each text as a line of its own. */
  print(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(lines.map((line) => `${printableLine(line)}\n`).join(''));
  }

  /** Writes a warning. @param message lower case, no full stop */
  warn(message: string): void {
    this.print([`Warning: ${message}`]);
  }

  /** Writes a JSON document on one line. */
  async printJson(members: object): Promise<void> {
    if (Object.values(members).some((value) => value instanceof KeptJson)) {
      await this.#printParts(documentText(members), (part) => part.replaceAll('\n', ''));
      this.#write('\n');
    } else this.#write(`${printableJson(members)}\n`);
    await this.arrived();
  }

  /** Writes a JSON document over several lines, see {@link documentText}. */
  async printDocument(members: object): Promise<void> {
    await this.#printParts(documentText(members), (part) => part);
  }

  async #printParts(parts: Iterable<string>, written: (part: string) => string): Promise<void> {
    for (const part of parts) {
      this.#write(written(part));
      await this.arrived();
    }
  }

  /** Waits until all that was printed has arrived or failed, so that no output waits in memory for a slow reader. */
  async arrived(): Promise<void> {
    await this.#stream.settled();
  }

  /** Writes bytes for a program that reads them, as they are, and waits until they have arrived or failed. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.#stream.write(bytes);
    await this.arrived();
  }

  #write(text: string): void {
    this.#stream.write(this.#concealed.hide(text));
  }

  /** Shows a line on a terminal in place of the one that was shown before, until it is erased. */
  showLine(text: string): void {
    if (!this.isTerminal) return;
    this.#write(ERASE_LINE + printableLine(text) + START_OF_LINE);
    this.#isLineShown = true;
  }

  /** Removes the line that is shown, if there is one. */
  eraseLine(): void {
    if (this.#isLineShown) this.#stream.write(ERASE_LINE);
    this.#isLineShown = false;
  }

  get isTerminal(): boolean {
    return this.#stream.isTerminal;
  }

  /** Whether nothing more can be written. Only a failed write shows that. */
  get isClosed(): boolean {
    return this.#stream.failure !== undefined;
  }

  /**
   * Why some of the output was not written, in words. Undefined if all was written, or if the reader closed
   * the pipe (`… | head`).
   */
  async failure(): Promise<string | undefined> {
    await this.arrived();
    const { failure } = this.#stream;
    if (failure === undefined || failure.code === 'EPIPE') return undefined;
    // Node says "ENOSPC: no space left on device, write".
    return /^[A-Z0-9]+: ([^,]*), [a-z]+$/.exec(failure.message)?.[1] ?? failure.message;
  }
}

const ERASE_LINE = '\r\u001b[K';
/** Moves the cursor back, so that a message of another program does not begin behind the line. */
const START_OF_LINE = '\r';
