import { excerpt } from '../encoding.ts';
import { PolicyError, type Position } from './policy-error.ts';
import type { PolicyNode, TextNode } from './policy-yaml.ts';

/** A value that was read, and where it stands in the policy. */
export interface Located<Value = string> {
  readonly value: Value;
  readonly at: Position;
}

/** The members of a map of a policy, each of which is known and has the form that is asked for. */
export class PolicyMembers<Name extends string> {
  readonly #what: string;
  readonly #members: ReadonlyMap<string, { readonly at: Position; readonly value: PolicyNode }>;
  readonly at: Position;

  /**
   * @param what the map, for messages: "a rule"
   * @param names all members that it may have
   * @throws PolicyError if it is no map, or has another member
   */
  constructor(node: PolicyNode, what: string, names: readonly Name[]) {
    if (node.kind !== 'map')
      throw new PolicyError(node.at, `expected ${what} with its members, found ${inWords(node)}`);
    const known: readonly string[] = names;
    for (const [name, { at }] of node.members)
      if (!known.includes(name))
        throw new PolicyError(
          at,
          `expected a member of ${what}, found ${excerpt(name)}`,
          `it has ${known.join(', ')}`,
        );
    this.#what = what;
    this.#members = node.members;
    this.at = node.at;
  }

  has(name: Name): boolean {
    return this.#members.has(name);
  }

  /** Where the member stands, or else the whole. */
  placeOf(name: Name): Position {
    return this.#members.get(name)?.at ?? this.at;
  }

  node(name: Name): PolicyNode | undefined {
    return this.#members.get(name)?.value;
  }

  /** @throws PolicyError if there is none */
  required(name: Name): PolicyNode {
    const node = this.node(name);
    if (node === undefined)
      throw new PolicyError(this.at, `expected ${this.#what} to have ${name}, found none`);
    return node;
  }

  /** A text that is not empty; undefined: the member is absent. @throws PolicyError */
  text(name: Name): Located | undefined {
    const node = this.node(name);
    return node && locatedText(node, name);
  }

  /** @throws PolicyError if there is none */
  requiredText(name: Name): Located {
    return locatedText(this.required(name), name);
  }

  /** One of these words; the first one where the member is absent. @throws PolicyError */
  choice<Word extends string>(name: Name, words: readonly [Word, ...Word[]]): Word {
    const node = this.node(name);
    if (node === undefined) return words[0];
    const { value, at } = locatedText(node, name);
    const found = words.find((word) => word === value);
    if (found === undefined)
      throw new PolicyError(at, `expected ${name} to be ${words.join(' or ')}, found ${excerpt(value)}`);
    return found;
  }

  /** The items of a list, of which there is one at least; undefined: the member is absent. @throws PolicyError */
  list(name: Name, most: number): readonly PolicyNode[] | undefined {
    const node = this.node(name);
    return node && listItems(node, name, most);
  }
}

/** @throws PolicyError if it is no text, is empty, or longer than any honest one */
export function locatedText(node: PolicyNode, name: string): Located {
  if (node.kind !== 'text' || node.text === '')
    throw new PolicyError(node.at, `expected ${name} to be a text, found ${inWords(node)}`);
  if (node.text.length > MOST_CHARACTERS)
    throw new PolicyError(
      node.at,
      `expected ${name} to have at most ${MOST_CHARACTERS} characters, found more`,
    );
  return { value: node.text, at: node.at };
}

/** @throws PolicyError if it is no list, is empty, or longer than this */
export function listItems(node: PolicyNode, name: string, most: number): readonly PolicyNode[] {
  if (node.kind !== 'list')
    throw new PolicyError(node.at, `expected ${name} to be a list, found ${inWords(node)}`);
  if (node.items.length === 0)
    throw new PolicyError(node.at, `expected ${name} to have an item, found an empty list`);
  if (node.items.length > most)
    throw new PolicyError(node.at, `expected ${name} to have at most ${most} items, found more`);
  return node.items;
}

const MOST_CHARACTERS = 1000;

function inWords(node: PolicyNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  return isBlank(node) ? 'nothing' : excerpt(node.text);
}

function isBlank({ text }: TextNode): boolean {
  return text === '';
}
