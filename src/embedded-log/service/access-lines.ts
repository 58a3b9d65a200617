import { cut } from '../../encoding.ts';
import { printableJson } from '../../render/printable.ts';
import type { AnsweredRequest } from './answered-request.ts';

/** Takes text, and is fulfilled when it has arrived. */
export type AppendText = (text: string) => Promise<void>;

/**
 * Lines of JSON about requests (https://jsonlines.org). They are written one after the other; where they cannot be written
 * as fast as requests come, or at all, some are left out and counted: the log itself goes on.
 */
export class AccessLines {
  #lines: string[] = [];
  #bytes = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  /**
   * @param append writes lines
   * @param now seconds since 1970
   * @param warn is told when lines begin to be lost
   */
  constructor(
    private readonly append: AppendText,
    private readonly now: () => number,
    private readonly warn: (error: unknown) => void,
  ) {}

  /** Adds a line, if there is room for it. */
  add({ remote, method, path, status, bytes, milliseconds }: AnsweredRequest): void {
    const [time, shown] = [this.#time(), cut(path, LONGEST_PATH)];
    const duration = Math.round(milliseconds * 1000) / 1000;
    const line = printableJson({ time, remote, method, path: shown, status, bytes, milliseconds: duration });
    if (this.#bytes + line.length > ROOM) {
      this.#lost++;
      return;
    }
    this.#lines.push(`${line}\n`);
    this.#bytes += line.length;
    this.#writing ??= this.#write();
  }

  /** Fulfilled when nothing is waiting to be written. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      const lost = this.#lost;
      this.#lines = [];
      this.#lost = 0;
      if (lost > 0) lines.unshift(`${printableJson({ time: this.#time(), lost })}\n`);
      try {
        await this.append(lines.join(''));
        this.#isFailing = false;
      } catch (error) {
        this.#lost += lost + lines.length - Number(lost > 0);
        if (!this.#isFailing) this.warn(error);
        this.#isFailing = true;
      }
      this.#bytes = this.#lines.reduce((sum, { length }) => sum + length, 0);
    }
    this.#writing = undefined;
  }

  #time(): string {
    return new Date(this.now() * 1000).toISOString().replace('.000Z', 'Z');
  }
}

/** In characters: lines that wait to be written. */
const ROOM = 1 << 20;
const LONGEST_PATH = 500;
