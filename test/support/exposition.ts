/** One sample of a text in the format of Prometheus. */
interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of samples under one name. */
export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?,?\\})? (\\S+)$`);
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * The families of a text, by name, after Prometheus' "Exposition formats" (text-based format, version 0.0.4). It is stricter:
 * each family has its HELP and TYPE once and before its samples, these stand together, and no sample has a time stamp.
 * @throws Error on anything else, and on what the format forbids: a sample twice, a histogram that is none
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed');
  const families = new Map<string, { type: string; help: string; samples: ParsedSample[] }>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`HELP of ${name} comes twice`);
      if (!/^(?:[^\\]|\\[\\n])*$/.test(rest)) throw new Error(`HELP of ${name} has an escape that is none`);
      families.set((current = name), { type: '', help: rest, samples: [] });
      continue;
    }
    const family = families.get(current);
    if (keyword === 'TYPE') {
      if (name !== current || family?.type !== '' || !(rest in SUFFIXES))
        throw new Error(`TYPE is out of place, or unknown: ${line}`);
      family.type = rest;
      continue;
    }
    const sample = parseSample(line);
    if (family === undefined || !SUFFIXES[family.type]?.some((suffix) => sample.name === current + suffix))
      throw new Error(`the sample is not of the family ${current}: ${line}`);
    if (family.samples.some((each) => nameOf(each) === nameOf(sample))) throw new Error(`twice: ${line}`);
    family.samples.push(sample);
  }
  for (const [name, { type, samples }] of families) {
    if (type === '') throw new Error(`${name} has no TYPE`);
    if (type === 'histogram') requireHistogram(name, samples);
    if (type === 'counter' && samples.some(({ value }) => !(value >= 0)))
      throw new Error(`the counter ${name} is negative`);
  }
  return families;
}

function nameOf({ name, labels }: ParsedSample): string {
  return `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
}

function parseSample(line: string): ParsedSample {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  if (!/^(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|[+-]?Inf|NaN)$/i.test(value))
    throw new Error(`no number: ${line}`);
  const pairs = [...labels.matchAll(new RegExp(LABEL, 'g'))].map(([pair]) => {
    const at = pair.indexOf('=');
    const unescaped = pair
      .slice(at + 2, -1)
      .replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    return [pair.slice(0, at), unescaped] as const;
  });
  if (new Set(pairs.map(([label]) => label)).size < pairs.length) throw new Error(`a label twice: ${line}`);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity')) };
}

/** Buckets are cumulative, in ascending order, and the last one is +Inf and counts all. */
function requireHistogram(name: string, samples: readonly ParsedSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('Inf', 'Infinity')));
  const counts = buckets.map(({ value }) => value);
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  const isAscending = (numbers: readonly number[]) =>
    numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? Infinity));
  if (!isAscending(bounds) || !isAscending(counts) || bounds.at(-1) !== Infinity || counts.at(-1) !== count)
    throw new Error(`${name} is no histogram`);
  if (!samples.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
}
