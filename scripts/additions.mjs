// What is added often, and which files of src each addition touches: adds one of each to the program in memory, and asks the
// compiler about it. `node scripts/additions.mjs` prints what CONTRIBUTING.md says; a test holds the two together.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * A change of one file: `text` stands in place of the only place of `at`, with what was there at its end (`{}`); without
 * `at` it is a new file.
 * @typedef {{ file: string, at?: string, text: string }} Change
 */

/**
 * An addition: its changes, those of the first file first. Once that is changed, the compiler finds an error in every other
 * file (`asksFor: 'others'`), or in the first one, which uses what is not there yet (`'itself'`).
 * @typedef {{ kind: string, asksFor: 'others' | 'itself', changes: readonly Change[] }} Addition
 */

/** @type {readonly Addition[]} */
export const ADDITIONS = [
  {
    kind: 'check',
    asksFor: 'others',
    changes: [
      {
        file: 'src/verification/checks.ts',
        at: '  readonly consistency: undefined;',
        text: "  readonly 'entry-age': undefined;\n{}",
      },
      {
        file: 'src/verification/hints.ts',
        at: "  'log-time': NOT_PROVEN,",
        text: "  'entry-age': NOT_PROVEN,\n{}",
      },
      {
        file: 'src/verification/openpgp-rekor.ts',
        at: '  // There may be nothing to compare the checkpoint with.',
        text: "  'entry-age': check(['signer-key'], () => passed('young enough')),\n{}",
      },
    ],
  },
  {
    kind: 'profile',
    asksFor: 'itself',
    changes: [
      {
        file: 'src/verification/provenance-only.ts',
        text: `import { reportOn } from './evidence-report.ts';
import { check, makeChecks } from './make-checks.ts';
import { passed } from './checks.ts';

const PROVENANCE_ONLY = {
  name: 'provenance-only',
  checks: { 'entry-id': check([], () => passed('of this provenance')) },
} as const;

export async function judgeProvenance() {
  const { checks } = await makeChecks(PROVENANCE_ONLY.checks, {});
  return reportOn(PROVENANCE_ONLY, checks);
}
`,
      },
    ],
  },
  {
    kind: 'source of entries',
    asksFor: 'itself',
    changes: [
      {
        file: 'src/proving/prove-chart.ts',
        at: 'proveByEntries([[predicted], index],',
        text: 'proveByEntries([entriesOfFriends(), [predicted], index],',
      },
      {
        file: 'src/proving/prove-chart.ts',
        at: "import { lookUpIndexVisibly } from './index-lookup.ts';",
        text: "import { entriesOfFriends } from './friends.ts';\n{}",
      },
      {
        file: 'src/proving/friends.ts',
        text: `import type { GatheredEntries } from '../log-view/log-view.ts';

export function entriesOfFriends(): readonly GatheredEntries[] {
  return [{ entries: [], unreadable: [] }];
}
`,
      },
    ],
  },
  {
    kind: 'command',
    asksFor: 'itself',
    changes: [
      {
        file: 'src/program/table.ts',
        at: "  {\n    path: ['doctor'],",
        text: `  {
    path: ['hello'],
    summary: 'greet the log that is used',
    load: async () => (await import('../commands/hello.ts')).hello,
  },
{}`,
      },
      {
        file: 'src/commands/hello.ts',
        text: `import { defineCommand } from '../run/command.ts';

export const hello = defineCommand({
  description: 'Greets the log that is used.',
  examples: ['hello'],
  options: ['rekorServer'],
  run: (_, settings) =>
    Promise.resolve({
      status: 0,
      text: ['Hello, ' + (settings.one('rekorServer') ?? '')],
      document: { greeted: true },
    }),
});
`,
      },
    ],
  },
  {
    kind: 'option',
    asksFor: 'itself',
    changes: [
      {
        file: 'src/commands/verify.ts',
        at: " 'manifestDigest',",
        text: "{} 'maxAge',",
      },
      {
        file: 'src/settings/options.ts',
        at: '  requireConsistency: {',
        text: "  maxAge: { flags: '--max-age <days>', description: 'accept no older entry' },\n{}",
      },
    ],
  },
  {
    kind: 'error code',
    asksFor: 'others',
    changes: [
      { file: 'src/errors.ts', at: "  | 'OUTPUT'", text: "  | 'POLICY'\n{}" },
      { file: 'src/cli/exit-status.ts', at: '  REJECTED: 10,', text: '  POLICY: 10,\n{}' },
    ],
  },
];

/** Text that an addition needs beside: names that its lines use, imported in the same file. */
const IMPORTS = {
  'src/verification/openpgp-rekor.ts':
    "import { passed } from './checks.ts';\nimport { check } from './make-checks.ts';\n",
};

/** @typedef {ts.SourceFile & { version: string }} Parsed */

/** Compiles src with changes that are only in memory, again and again; each time only what changed is looked at anew. */
export class Compiler {
  /** @type {ts.SemanticDiagnosticsBuilderProgram | undefined} */
  #last;
  #options = optionsOfProject();
  /** What was parsed, by path: libraries and most of src stay what they are. @type {Map<string, Parsed>} */
  #parsed = new Map();
  #files = /** @type {string[]} */ (readdirSync(join(ROOT, 'src'), { recursive: true }))
    // What runs in a browser is a project of its own (test/log-page/tsconfig.json).
    .filter((file) => file.endsWith('.ts') && !file.startsWith('log-page'))
    .map((file) => join(ROOT, 'src', file));

  /**
   * The files in which the compiler finds an error, sorted.
   * @param {readonly Change[]} changes
   */
  filesWithErrors(changes) {
    const changed = withChanges(changes);
    const host = ts.createCompilerHost(this.#options);
    host.readFile = (path) => changed.get(path) ?? ts.sys.readFile(path);
    host.fileExists = (path) => changed.has(path) || ts.sys.fileExists(path);
    host.getSourceFile = (path, language) => {
      const text = host.readFile(path);
      if (text === undefined) return undefined;
      // The builder compares versions, to know what changed.
      const version = createHash('sha1').update(text).digest('hex');
      const known = this.#parsed.get(path);
      if (known?.version === version) return known;
      const parsed = Object.assign(ts.createSourceFile(path, text, language, true), { version });
      this.#parsed.set(path, parsed);
      return parsed;
    };
    const roots = [...new Set([...this.#files, ...changed.keys()])];
    this.#last = ts.createSemanticDiagnosticsBuilderProgram(roots, this.#options, host, this.#last);
    const found = [...this.#last.getSyntacticDiagnostics(), ...this.#last.getSemanticDiagnostics()];
    return [...new Set(found.map(({ file }) => (file ? relative(ROOT, file.fileName) : '?')))].sort();
  }
}

function optionsOfProject() {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/**
 * @param {readonly Change[]} changes
 * @returns {Map<string, string>} texts by path
 */
function withChanges(changes) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const { file, at, text } of changes) {
    const path = join(ROOT, file);
    if (at === undefined) {
      if (existsSync(path)) throw new Error(`${file} is there already`);
      texts.set(path, text);
      continue;
    }
    const before = texts.get(path) ?? importsFor(file) + (ts.sys.readFile(path) ?? '');
    const parts = before.split(at);
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${at}`);
    texts.set(path, parts.join(text.replace('{}', () => at)));
  }
  return texts;
}

/** @param {string} file */
function importsFor(file) {
  return Object.entries(IMPORTS).find(([name]) => name === file)?.[1] ?? '';
}

/**
 * The files that an addition touches.
 * @param {Addition} addition
 */
export function filesOf({ changes }) {
  return [...new Set(changes.map(({ file }) => file))];
}

/** The table of CONTRIBUTING.md. */
export function additionsTable() {
  const rows = ADDITIONS.map((addition) => {
    const files = filesOf(addition);
    const named = files.map((file) => `\`${file.replace('src/', '')}\``).join(', ');
    return [addition.kind, String(files.length), named];
  });
  const all = [['to add a…', 'files', 'which (in `src/`)'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(additionsTable());
