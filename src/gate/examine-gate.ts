import type { Answer } from '../cli/answer.ts';
import { excerpt } from '../encoding.ts';
import { InputError, RejectedError } from '../errors.ts';
import { isGated } from '../gate-schemes.ts';
import { readOwnFile } from '../files/user-file.ts';
import { examineHelm } from '../installation/examination.ts';
import { findDownloaders } from '../installation/downloaders.ts';
import { isThere } from '../installation/state.ts';
import { findingsText, ok, warning, type Found } from '../render/findings-text.ts';
import type { RunContext } from '../run/context.ts';
import { Findings } from '../run/findings.ts';
import { cachedIndex, pluginDirectories } from '../run/directories.ts';
import { readRepositories } from '../run/repositories.ts';
import { decodeUserText } from '../user-text.ts';
import { CACHED_LIMIT } from './move-repository.ts';
import { examineGatePolicy } from './examine-policy.ts';
import { gatePlugins, PAST_THE_GATE, type GatePlugins } from './gate-plugins.ts';
import { wayPastGate } from './way-past-gate.ts';

/** Says whether the gate stands: who is asked for its schemes, by which policy, and what comes past it. It changes nothing. */
export async function examineGate(context: RunContext): Promise<Answer> {
  const { env } = context;
  const findings = new Findings();
  let plugins: GatePlugins | undefined;
  await findings.look('Helm', () => examineHelm(context));
  await findings.look('Downloader', async () => {
    plugins = gatePlugins(await findDownloaders(pluginDirectories(context), env));
    return await examineOwn(plugins, env);
  });
  for (const rival of plugins?.rivals ?? []) await findings.look('Rival', () => examineRival(rival));
  if (plugins?.own !== undefined)
    await findings.look('Policy', () => examineGatePolicy(plugins?.own?.policy, context));
  const repositories: { readonly name: string; readonly url: string; readonly gated: boolean }[] = [];
  await findings.look('Repositories', async () => {
    for (const { name, address } of await readRepositories(context))
      repositories.push({ name, url: address, gated: isGated(address) });
    return repositories.length === 0
      ? warning('Helm has none', 'helm repo add NAME sigstore+https://…')
      : counted(repositories);
  });
  for (const { name, url, gated } of repositories)
    await findings.look('Repository', () =>
      gated
        ? examineGated(name, url, context)
        : warning(`${name} goes round the gate (${url})`, `helm sigstore gate enable ${name}`),
    );
  return {
    status: findings.status,
    text: [
      ...findingsText(findings.all),
      '',
      'What Comes Past The Gate:',
      ...PAST_THE_GATE.map((each) => `- ${each}`),
    ],
    document: { findings: findings.all, repositories, roundTheGate: PAST_THE_GATE },
    diagnoses: findings.diagnoses,
  };
}

function counted(repositories: readonly { readonly gated: boolean }[]): Found {
  const gated = repositories.filter((each) => each.gated).length;
  return ok(`${gated} of ${repositories.length} behind the gate`);
}

async function examineOwn({ own }: GatePlugins, env: RunContext['env']): Promise<Found> {
  if (own === undefined)
    throw new InputError('not installed', 'helm sigstore gate install --policy FILE writes it');
  const plugin = env['HELM_PLUGIN_DIR'];
  if (plugin && !(await isThere(plugin))) throw new InputError(`there is no plugin in ${plugin}`);
  return ok(own.directory);
}

function examineRival({ name, directory, wins }: GatePlugins['rivals'][number]): Found {
  const remedy = `helm plugin uninstall ${name} removes it`;
  if (wins) throw new RejectedError(`${name} in ${directory} is asked in place of this one`, remedy);
  return warning(
    `${name} in ${directory} is for the same schemes; this one is asked, as it sorts first`,
    remedy,
  );
}

/** Whether what Helm has cached of its index leads through the gate. */
async function examineGated(name: string, url: string, context: RunContext): Promise<Found> {
  const path = cachedIndex(name, context);
  const bytes = path === undefined ? undefined : await readOwnFile(path, CACHED_LIMIT, path);
  const past = bytes && wayPastGate(decodeUserText(bytes), url);
  if (past !== undefined)
    throw new RejectedError(
      `${name} is behind the gate (${url}), but the index that Helm has of it leads past it: ${excerpt(past)}`,
      `helm repo update ${name} fetches it through the gate`,
    );
  return ok(`${name} is behind the gate (${url})`);
}
