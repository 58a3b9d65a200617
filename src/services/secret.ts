import { inspect } from 'node:util';

/** Characters of a secret that give it away: fewer may be the same by chance. */
const TELLING = 12;
/** Words that are longer may be a secret in some encoding. */
const LONGEST_WORD = 40;

/**
 * A text that is sent to one server and shown to nobody. It shows itself as `[secret]` wherever it is printed by mistake.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the request in which it is sent. */
  reveal(): string {
    return this.#text;
  }

  /**
   * What a server said, without what it may have repeated of this secret: words that could be an encoding of it, and
   * everything if parts of it remain, also in other letters or with characters between them. Takes time linear in both.
   */
  hideIn(said: string): string {
    const words = said.replace(/[^\s"'<>(),;]+/g, (word) => (word.length > LONGEST_WORD ? '***' : word));
    return this.#isTold(words) ? '***' : words;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }

  #isTold(text: string): boolean {
    const secret = core(this.#text);
    const told = core(text);
    const windows = new Set<string>();
    for (let at = 0; at + TELLING <= told.length; at++) windows.add(told.slice(at, at + TELLING));
    for (let at = 0; at + TELLING <= secret.length; at++)
      if (windows.has(secret.slice(at, at + TELLING))) return true;
    return false;
  }
}

function core(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
