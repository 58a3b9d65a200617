import { printableJson } from '../render/printable.ts';

/**
 * A list for a JSON document that is printed when all of its elements are known. They are kept as bytes of
 * JSON: tens of thousands of them would take several times as much memory as objects.
 */
export class KeptJson {
  readonly #blocks: Buffer[] = [];
  #open: string[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(element: object): void {
    this.#length += 1;
    this.#open.push(indented(printableJson(element, 2), '    '));
    if (this.#open.length < BLOCK) return;
    this.#blocks.push(Buffer.from(this.#open.join(SEPARATOR)));
    this.#open = [];
  }

  /** The text of the list as the member of a document, in parts. */
  *text(): Generator<string> {
    yield '[\n    ';
    let isFirst = true;
    for (const block of [...this.#blocks, Buffer.from(this.#open.join(SEPARATOR))]) {
      if (block.length === 0) continue;
      yield (isFirst ? '' : SEPARATOR) + block.toString('utf8');
      isFirst = false;
    }
    yield '\n  ]';
  }
}

/** The text of a document, in parts. @param members a list in {@link KeptJson} must not be empty */
export function* documentText(members: object): Generator<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(members)) {
    yield `${before}  ${JSON.stringify(name)}: `;
    if (value instanceof KeptJson) yield* value.text();
    else yield indented(printableJson(value, 2), '  ');
    before = ',\n';
  }
  yield '\n}\n';
}

/** Indents JSON. Every line break in it is between members, because those in strings are escaped. */
function indented(json: string, blanks: string): string {
  return json.replaceAll('\n', `\n${blanks}`);
}

/** Elements that are kept in one piece of memory. */
const BLOCK = 200;

const SEPARATOR = ',\n    ';
