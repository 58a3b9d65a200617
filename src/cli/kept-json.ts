import { getBuiltinModule } from 'node:process';
import { printableJson } from '../render/printable.ts';

/**
 * A list for a JSON document that is printed when all of its elements are known. They are kept as
 * compressed JSON: the results of many charts are much alike, and take a tenth of the memory so.
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
    this.#blocks.push(zlib().deflateRawSync(this.#open.join(SEPARATOR), FASTEST));
    this.#open = [];
  }

  /** The text of the list as the member of a document, in parts. */
  *text(): Generator<string> {
    let before = '[\n    ';
    for (const block of this.#blocks) {
      yield before + zlib().inflateRawSync(block).toString('utf8');
      before = SEPARATOR;
    }
    if (this.#open.length > 0) yield before + this.#open.join(SEPARATOR);
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

/** Elements that are compressed together. */
const BLOCK = 50;

const FASTEST = { level: 1 };

const SEPARATOR = ',\n    ';

/** Loaded where a list is long: most runs need none. */
function zlib() {
  return getBuiltinModule('node:zlib');
}
