import { resolve } from 'node:path';
import { CHART_YAML_LIMIT } from '../chart/archive/limits.ts';
import type { UsersHelm } from '../files/users-helm.ts';
import { InputError, messageOf } from '../errors.ts';
import { runProgram, type EndedProgram } from '../files/child-program.ts';
import type { Deadline } from '../http/deadline.ts';
import { said } from './gpg.ts';

/**
 * What `helm show chart` prints of a packed chart: its Chart.yaml as Helm itself writes it, and an empty line. That is the text
 * that `helm package --sign` signs.
 * @throws InputError if Helm cannot be run, refuses the chart, or prints more than any Chart.yaml has
 */
export async function shownChart(helm: UsersHelm, path: string, deadline: Deadline): Promise<string> {
  // No plugin has a say in it, and to load them takes time.
  const env = { ...helm.env, HELM_NO_PLUGINS: '1', HELM_DEBUG: 'false' };
  // An absolute path is never taken for an option, or for a chart of a repository.
  const argv = ['show', 'chart', resolve(path)];
  const ended = await run({ ...helm, env }, argv, deadline);
  if (ended.status !== 0)
    throw new InputError(`helm show chart does not take ${path}${said(ended)}`, {
      publisher: 'package it with helm package',
    });
  if (ended.bytes.length > CHART_YAML_LIMIT)
    throw new InputError(`${path}: expected a Chart.yaml of at most ${CHART_YAML_LIMIT} bytes, found more`);
  if (!ended.printed.endsWith('\n\n') || ended.printed.trim() === '')
    throw new InputError(
      `${path}: expected helm show chart to print a Chart.yaml with an empty line behind it, found something else`,
      `see that HELM_BIN is a Helm: ${helm.program}`,
    );
  return ended.printed;
}

async function run(helm: UsersHelm, argv: readonly string[], deadline: Deadline): Promise<EndedProgram> {
  try {
    return await deadline.hold(({ signal }) => runProgram({ ...helm, argv }, CHART_YAML_LIMIT + 1, signal));
  } catch (error) {
    const what =
      error instanceof Error && 'syscall' in error
        ? `cannot run ${helm.program}, which HELM_BIN names`
        : 'helm show chart';
    throw new InputError(`${what}: ${messageOf(error)}`, undefined, { cause: error });
  }
}
