import type { Repository } from '../chart/fetch/repositories.ts';
import type { Answer } from '../cli/answer.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { InputError, SigstoreError, UsageError, type Diagnosis } from '../errors.ts';
import { isGated } from '../gate-schemes.ts';
import { findDownloaders } from '../installation/downloaders.ts';
import type { RunContext } from '../run/context.ts';
import { pluginDirectories } from '../run/directories.ts';
import { readRepositories } from '../run/repositories.ts';
import { gatePlugins } from './gate-plugins.ts';
import { moveRepository } from './move-repository.ts';
import { gatedAddress, plainAddress } from './repository-address.ts';

/** Which way repositories go. */
export type Direction = 'enable' | 'disable';

/**
 * Puts repositories of Helm behind the gate, or takes them from there. What cannot be done for one does not keep the others
 * from it.
 * @param names of repositories; empty with `isAll`, which stands for all that can be moved
 * @throws UsageError if there is no such repository
 * @throws InputError if Helm would not ask this program for what is behind the gate
 */
export async function changeGate(
  direction: Direction,
  names: readonly string[],
  isAll: boolean,
  context: RunContext,
): Promise<Answer> {
  if (isAll === names.length > 0)
    throw new UsageError(
      'expected the names of repositories or --all, and not both',
      'helm repo list has them',
    );
  if (direction === 'enable') await requireGate(context);
  const known = await readRepositories(context);
  const chosen = isAll ? known : names.map((name) => requireKnown(name, known));
  const repositories: { readonly name: string; readonly url: string; readonly gated: boolean }[] = [];
  const text: string[] = [];
  const diagnoses: Diagnosis[] = [];
  for (const repository of chosen) {
    const { name, address } = repository;
    let url = address;
    try {
      url = direction === 'enable' ? gatedAddress(address) : plainAddress(address);
      if (url !== address) await moveRepository(repository, url, context);
      text.push(`${isGated(url) ? 'Behind The Gate' : 'Not Behind The Gate'}: ${name} (${url})`);
    } catch (error) {
      if (!(error instanceof SigstoreError)) throw error;
      const { message, ...rest } = diagnose(error);
      diagnoses.push({ ...rest, message: `${name}: ${message}` });
      url = address;
    }
    repositories.push({ name, url, gated: isGated(url) });
  }
  return { status: worstStatus(diagnoses.map(statusOf)), text, document: { repositories }, diagnoses };
}

function requireKnown(name: string, known: readonly Repository[]): Repository {
  const found = known.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`there is no repository ${name}`, 'helm repo list has those that there are');
}

/** Without it, Helm could fetch nothing of a repository behind the gate, or would ask another. */
async function requireGate(context: RunContext): Promise<void> {
  const { own, rivals } = gatePlugins(await findDownloaders(pluginDirectories(context), context.env));
  if (own === undefined)
    throw new InputError(
      'the downloader is not installed, so Helm has nobody to ask for sigstore+https://',
      'helm sigstore gate install --policy FILE writes it',
    );
  const rival = rivals.find(({ wins }) => wins);
  if (rival !== undefined)
    throw new InputError(
      `the plugin ${rival.name} in ${rival.directory} is asked in place of this one`,
      `helm plugin uninstall ${rival.name} removes it`,
    );
}
