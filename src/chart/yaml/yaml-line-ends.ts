import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type Event, type ScalarEvent } from 'js-yaml';
import { MalformedError } from '../../errors.ts';

/**
 * The text with line ends that every reader knows. In YAML 1.1, which Helm reads, U+0085, U+2028 and U+2029 end a line
 * as well, and so a comment; js-yaml takes them for characters like others. Within quotes both see the same members.
 * @throws MalformedError if it has them where they make a difference; whatever js-yaml throws if it is no YAML
 */
export function withPlainLineEnds(text: string, maxDepth: number): string {
  if (text.search(ODD) < 0) return text;
  const before = parseEvents(text, { maxDepth });
  const plain = outsideOfQuotes(text, before);
  const after = plain === text ? before : eventsOf(plain, maxDepth);
  if (shapeOf(text, before) !== shapeOf(plain, after))
    throw new MalformedError('it has U+0085, U+2028 or U+2029 where Helm begins a new line');
  return plain;
}

const ODD = /[\u0085\u2028\u2029]/g;

/** The events of a text; none if it is no YAML. */
function eventsOf(text: string, maxDepth: number): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth });
  } catch {
    return [];
  }
}

/** The text with each of these characters replaced by a newline, unless it is in quotes. */
function outsideOfQuotes(text: string, events: readonly Event[]): string {
  const quoted = events.filter(isQuoted);
  let next = 0;
  return text.replace(ODD, (character, at: number) => {
    while ((quoted[next]?.valueEnd ?? Infinity) <= at) next++;
    return (quoted[next]?.valueStart ?? Infinity) <= at ? character : '\n';
  });
}

function isQuoted(event: Event): event is ScalarEvent {
  return (
    event.type === EVENT_ID.SCALAR &&
    (event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED)
  );
}

/** The structure of a text, with positions, without the white space within scalars that have no quotes. */
function shapeOf(text: string, events: readonly Event[]): string {
  return events
    .map((event) => JSON.stringify(isQuoted(event) ? event : withoutSpace(text, event)))
    .join('\n');
}

function withoutSpace(text: string, event: Event): unknown {
  if (event.type !== EVENT_ID.SCALAR) return event;
  const { type, style, valueStart, anchorStart, anchorEnd, tagStart, tagEnd } = event;
  const words = getScalarValue(text, event)
    .split(/[\s\u0085]+/)
    .filter((word) => word !== '');
  return { type, style, valueStart, anchorStart, anchorEnd, tagStart, tagEnd, words };
}
