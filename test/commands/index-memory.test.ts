import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle, MEASURED_PROGRAM, smallestRun } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const [VERSIONS, SIZE, LIMIT] = [50_000, 16 << 20, 150];

interface Shape {
  readonly what: string;
  readonly charts: number;
  readonly write: (entries: ReadonlyMap<string, readonly Version[]>) => string;
}

interface Version {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly digest: string;
  readonly urls: readonly string[];
}

const SHAPES: readonly Shape[] = [
  { what: 'YAML of many versions of a chart', charts: 500, write: asYaml },
  { what: 'YAML of many charts', charts: VERSIONS, write: asYaml },
  { what: 'JSON of many versions of a chart', charts: 500, write: asJson },
  { what: 'JSON of many charts', charts: VERSIONS, write: asJson },
];

/** As `helm repo index` writes it. */
function asYaml(entries: ReadonlyMap<string, readonly Version[]>): string {
  const lines = ['apiVersion: v1', 'entries:'];
  for (const [chart, versions] of entries) {
    lines.push(`  ${chart}:`);
    for (const { name, version, description, digest, urls } of versions) {
      lines.push(`  - description: ${description}`, `    digest: ${digest}`, `    name: ${name}`);
      lines.push('    urls:', ...urls.map((url) => `    - ${url}`), `    version: ${version}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function asJson(entries: ReadonlyMap<string, readonly Version[]>): string {
  return JSON.stringify({ apiVersion: 'v1', entries: Object.fromEntries(entries) });
}

/** An index of all versions that one may have, and of as many bytes, but for a few of each. */
function indexOf({ charts, write }: Shape): string {
  const textWith = (filling: number) => {
    const entries = new Map<string, Version[]>();
    for (let number = 0; number < VERSIONS; number++) {
      const name = `chart-${number % charts}`;
      const version = `1.0.${number}`;
      const urls = [`https://charts.example/${name}-${version}.tgz`];
      const digest = number.toString(16).padStart(64, 'a');
      const versions = entries.get(name) ?? [];
      entries.set(name, versions);
      versions.push({ name, version, description: 'x'.repeat(filling), digest, urls });
    }
    return write(entries);
  };
  return textWith(1 + Math.floor((SIZE - textWith(1).length) / VERSIONS));
}

test.skipIf(process.platform !== 'linux').each(SHAPES)(
  `the largest index in $what is read in less than ${LIMIT} MiB (needs /proc)`,
  async (shape) => {
    const directory = await temporaryDirectory();
    const index = join(directory, 'index.yaml');
    const text = indexOf(shape);
    expect(text.length).toBeGreaterThan(SIZE - 2 * VERSIONS);
    await writeFile(index, text);
    const program = await bundle(MEASURED_PROGRAM, directory);
    // None of its archives is there, so each of its versions is said to be missing.
    const argv = ['inspect', index, '--output', 'jsonl'];
    const { status, stdout, peak } = await smallestRun(LIMIT, program, argv, { HOME: directory });
    expect(status).toBe(3);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      counts: { unreadable: VERSIONS },
    });
    expect(peak).toBeLessThan(LIMIT);
  },
  600_000,
);
