import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException, type Event } from 'js-yaml';
import { excerpt } from '../encoding.ts';
import { PolicyError, type Position } from './policy-error.ts';
import { TextPositions } from './text-positions.ts';

/** A part of a policy, and where it begins. Every scalar is text, whatever it looks like. */
export type PolicyNode = TextNode | ListNode | MapNode;

export interface TextNode {
  readonly kind: 'text';
  readonly text: string;
  readonly at: Position;
}

interface ListNode {
  readonly kind: 'list';
  readonly items: readonly PolicyNode[];
  readonly at: Position;
}

interface MapNode {
  readonly kind: 'map';
  /** In the order of the text. */
  readonly members: ReadonlyMap<string, { readonly at: Position; readonly value: PolicyNode }>;
  readonly at: Position;
}

/**
 * The one YAML document of a text. A policy is read by people and by this program, and both have to see the same: so
 * anchors, aliases, merges, tags, directives, names that stand twice and characters that nobody sees are refused.
 * @throws PolicyError
 */
export function readPolicyYaml(text: string): PolicyNode {
  const positions = new TextPositions(text);
  const unseen = text.search(UNSEEN);
  if (unseen >= 0)
    throw new PolicyError(
      positions.at(unseen),
      `expected characters that everybody sees, found ${codePointAt(text, unseen)}`,
    );
  if (separatorsIn(text) > MAX_SEPARATORS)
    throw new PolicyError(FIRST, 'expected a policy with fewer parts, found more than anybody can review');
  return new NodeBuilder(text, positions, eventsOf(text, positions)).document();
}

const FIRST: Position = { line: 1, column: 1 };

/** A policy nests five deep. */
const MAX_DEPTH = 12;

/** A node costs hundreds of bytes. A rule has some ten of them, and each needs one of these characters at least. */
const MAX_SEPARATORS = 100_000;

/**
 * Controls, marks that turn the direction of text, separators that only some readers take for line ends, a return without
 * a newline, and a byte order mark anywhere but at the start.
 */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb]|\r(?!\n)|(?!^)\ufeff/;

function codePointAt(text: string, offset: number): string {
  return `U+${(text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Counts what may begin another node, before parsing. */
function separatorsIn(text: string): number {
  let count = 0;
  for (const character of text) if ('\n,[{:-?'.includes(character)) count++;
  return count;
}

function eventsOf(text: string, positions: TextPositions): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const at = error.mark === undefined ? FIRST : positions.at(error.mark.position);
    throw new PolicyError(at, `expected YAML, found ${excerpt(error.reason)}`);
  }
}

/** Makes the tree from the events of the parser, which say where in the text each part is. */
class NodeBuilder {
  readonly #text: string;
  readonly #positions: TextPositions;
  readonly #events: readonly Event[];
  #next = 0;
  /** Where the last part was that has a place: an empty value has none. */
  #last = 0;

  constructor(text: string, positions: TextPositions, events: readonly Event[]) {
    this.#text = text;
    this.#positions = positions;
    this.#events = events;
  }

  document(): PolicyNode {
    const document = this.#take();
    if (document?.type !== EVENT_ID.DOCUMENT)
      throw new PolicyError(FIRST, 'expected a policy, found nothing');
    if (document.directives.length > 0)
      throw new PolicyError(FIRST, 'expected a policy without directives, found %YAML or %TAG');
    const node = this.#node();
    this.#take();
    if (this.#take() === undefined) return node;
    const second = this.#events
      .slice(this.#next)
      .map(offsetOf)
      .find((offset) => offset >= 0);
    throw this.#error(second ?? this.#last, 'expected one document, found another one');
  }

  #take(): Event | undefined {
    return this.#events[this.#next++];
  }

  #node(): PolicyNode {
    const event = this.#take();
    if (event === undefined) throw new PolicyError(FIRST, 'expected a policy, found nothing');
    const offset = offsetOf(event);
    if (offset >= 0) this.#last = offset;
    switch (event.type) {
      case EVENT_ID.ALIAS:
        throw this.#error(event.anchorStart, 'expected no alias of YAML (*name), found one');
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
        throw this.#error(this.#last, 'expected a value, found none');
      case EVENT_ID.SCALAR:
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        break;
    }
    if (event.anchorStart >= 0)
      throw this.#error(event.anchorStart, 'expected no anchor of YAML (&name), found one');
    if (event.tagStart >= 0) throw this.#error(event.tagStart, 'expected no tag of YAML (!tag), found one');
    const at = this.#positions.at(this.#last);
    if (event.type === EVENT_ID.SCALAR)
      return { kind: 'text', text: offset < 0 ? '' : getScalarValue(this.#text, event), at };
    if (event.type === EVENT_ID.SEQUENCE) return { kind: 'list', items: this.#items(), at };
    return { kind: 'map', members: this.#members(), at };
  }

  #items(): PolicyNode[] {
    const items: PolicyNode[] = [];
    while (!this.#isAtEnd()) items.push(this.#node());
    this.#take();
    return items;
  }

  #members(): MapNode['members'] {
    const members = new Map<string, { at: Position; value: PolicyNode }>();
    while (!this.#isAtEnd()) {
      const name = this.#node();
      if (name.kind !== 'text')
        throw new PolicyError(name.at, 'expected the name of a member, found a list or a map');
      if (name.text === '<<') throw new PolicyError(name.at, 'expected no merge of YAML (<<), found one');
      const before = members.get(name.text);
      if (before !== undefined)
        throw new PolicyError(
          name.at,
          `expected ${excerpt(name.text)} once, found it again (first in line ${before.at.line})`,
        );
      members.set(name.text, { at: name.at, value: this.#node() });
    }
    this.#take();
    return members;
  }

  #isAtEnd(): boolean {
    const event = this.#events[this.#next];
    return event === undefined || event.type === EVENT_ID.POP;
  }

  #error(offset: number, reason: string): PolicyError {
    return new PolicyError(this.#positions.at(offset), reason);
  }
}

/** Where a part begins; negative for one that has no place. */
function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) {
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return isQuoted ? event.valueStart - 1 : event.valueStart;
  }
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) return event.start;
  return event.type === EVENT_ID.ALIAS ? event.anchorStart : -1;
}
