import { spawn } from 'node:child_process';
import { loadAll } from 'js-yaml';
import { codeBlocks } from '../../support/documents.ts';

/** A command line of a document. */
export interface Step {
  /** As a shell takes it; its lines, if it goes on over several. */
  readonly line: string;
  /** What the document shows of its output; undefined: nothing. */
  readonly shown: readonly string[] | undefined;
  /** Where in the document the output stands, or would stand: the number of that line, from zero. */
  readonly at: number;
}

/** What became of a command line. */
export interface Taken extends Step {
  readonly status: number;
  /** Of stdout and stderr, as a terminal shows them. */
  readonly output: string;
}

/** Programs that begin a command line in a block without `$`. */
const PROGRAM = /^(?:helm|gpg|curl|mkdir|find|tar|sha256sum|cp|npm) /;

/** The command lines of a document in their order: those behind `$`, those of blocks that have no language, and of jobs of a CI. */
export function stepsOf(document: string): Step[] {
  return codeBlocks(document).flatMap(({ language, lines, first }) => {
    if (language === 'console') return stepsIn(lines, first);
    if (language === 'yaml')
      return scriptsIn(lines.join('\n')).map((line) => ({ line, shown: undefined, at: first }));
    if (language !== '') return [];
    return lines.flatMap((line, index) =>
      PROGRAM.test(line) ? [{ line, shown: undefined, at: first + index + 1 }] : [],
    );
  });
}

function stepsIn(lines: readonly string[], first: number): Step[] {
  const steps: { line: string; shown: string[]; at: number }[] = [];
  for (const [index, line] of lines.entries()) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ line: line.slice(2), shown: [], at: first + index + 1 });
    else if (last === undefined) throw new Error(`a console begins with a command, not with ${line}`);
    else if (last.line.endsWith('\\') && last.shown.length === 0) {
      last.line += `\n${line}`;
      last.at++;
    } else last.shown.push(line);
  }
  return steps;
}

/** What `run`, `script` and `before_script` say, wherever they stand. */
function scriptsIn(yaml: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (/^(?:run|script|before_script)$/.test(name))
        found.push(...[member].flat().filter((each) => typeof each === 'string'));
      else visit(member);
    }
  };
  visit(loadAll(yaml));
  return found;
}

const MARK = '\u001e';

/**
 * Takes the steps one after the other in one shell, as a reader does who types them.
 * @param written what the shell gets for a line of the document
 */
export async function takeSteps(
  steps: readonly Step[],
  written: (line: string) => string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Taken[]> {
  // What runs must not read the script.
  const script = steps
    .map(
      ({ line }) =>
        `${setStatus}\n{ ${written(line)}\n} </dev/null 2>&1\nstatus=$?; printf '${MARK}%d${MARK}' $status`,
    )
    .join('\n');
  const text = await outputOf(`status=0\n${script}\n`, cwd, env);
  const pieces = text.split(MARK);
  return steps.map((step, index) => ({
    ...step,
    output: pieces[index * 2] ?? '',
    status: Number(pieces[index * 2 + 1] ?? Number.NaN),
  }));
}

/** So that `echo $?` shows how the command before ended. */
const setStatus = '(exit $status)';

async function outputOf(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const shell = spawn('sh', ['-s'], { cwd, env: { ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  shell.stdin.end(script);
  await new Promise((resolve) => shell.once('close', resolve));
  return text;
}

/** What differs from run to run, in a form that does not. */
export function normalised(output: string): string {
  return output
    .trimEnd()
    .replace(/\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z\b/g, '<time>')
    .replace(/\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b/g, '<day>')
    .replace(/\b(?:[0-9a-f]{80}|[0-9a-f]{64}|[0-9a-f]{40})\b/gi, '<hex>')
    .replace(/(sha256:)…/g, '$1<hex>')
    .replace(/\b(tree|Tree ID:|tree ID) ?[0-9]{6,}\b/g, '$1 <tree>')
    .replace(/\bindex [0-9]+\b/g, 'index <number>')
    .replace(/^( *(?:Log|Rekor) Index:) [0-9]+$/gm, '$1 <number>')
    .replace(/[ \t]+$/gm, '');
}

/** Whether an output is what a document shows; a line `…` there stands for any lines. */
export function isShown(output: string, shown: readonly string[]): boolean {
  const parts = normalised(shown.join('\n')).split(/^…$/m);
  const seen = normalised(output);
  const [first = '', ...others] = parts;
  if (others.length === 0) return seen === first;
  let at = first.length;
  if (!seen.startsWith(first)) return false;
  for (const part of others) {
    const found = seen.indexOf(part.trim(), at);
    if (found < 0) return false;
    at = found + part.trim().length;
  }
  return (others.at(-1) ?? '').trim() === '' || at === seen.length;
}

/** The document with what was seen in place of what it shows. */
export function withOutputs(document: string, taken: readonly Taken[]): string {
  const lines = document.split('\n');
  for (const { at, shown, output } of [...taken].sort((a, b) => b.at - a.at))
    if (shown !== undefined && !shown.includes('…') && !isShown(output, shown)) {
      const seen = output.trimEnd();
      lines.splice(at, shown.length, ...(seen === '' ? [] : seen.split('\n')));
    }
  return lines.join('\n');
}
