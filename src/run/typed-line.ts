import type { Context } from './context.ts';

/** More than anybody types. */
const MOST_BYTES = 4096;

/** The line that the user types when asked; undefined where there is no terminal, or nothing was typed. */
export async function typedLine(
  question: string,
  { stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>,
): Promise<string | undefined> {
  if (!stderr.isTerminal) return undefined;
  stderr.print([question]);
  let typed = '';
  for await (const chunk of stdin()) {
    typed += Buffer.from(chunk).toString('utf8');
    if (typed.includes('\n') || typed.length > MOST_BYTES) break;
  }
  const [line = ''] = typed.split(/\r?\n/, 1);
  return line.trim() === '' ? undefined : line.slice(0, MOST_BYTES);
}
