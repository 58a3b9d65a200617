import { resolve } from 'node:path';
import { NOTHING_COMES, NOTHING_COMES_HINT, reachesRepositories } from '../gate/examine-policy.ts';
import { gatePlugins } from '../gate/gate-plugins.ts';
import { findDownloaders } from '../installation/downloaders.ts';
import { installDownloader } from '../installation/downloader-plugin.ts';
import { defineCommand } from '../run/command.ts';
import { pluginDirectories } from '../run/directories.ts';
import { defaultPolicyPath } from '../run/policy-place.ts';
import { requirePolicy } from '../run/require-policy.ts';

export const gateInstall = defineCommand({
  description:
    'Writes a downloader for Helm, beside this plugin. From then on Helm asks helm sigstore for whatever lies behind ' +
    'sigstore+https:// and sigstore+oci://, and gets nothing that the policy refuses. The policy is read anew each time, ' +
    'and outranks the one of a variable.',
  examples: ['gate install --policy /etc/helm-sigstore/policy.yaml'],
  options: ['policy', 'output'],
  run: async (_, __, context) => {
    const required = requirePolicy(context);
    const policy = resolve(required.path);
    const before = await findDownloaders(pluginDirectories(context), context.env);
    const directory = await installDownloader(policy, context);
    const { own, rivals } = gatePlugins(await findDownloaders(pluginDirectories(context), context.env));
    const replaced = before.find((each) => each.directory === directory);
    const policyBefore = replaced && (replaced.policy ?? defaultPolicyPath(context));
    const isOther = policyBefore !== undefined && policyBefore !== policy;
    if (isOther)
      context.stderr.warn(`the gate obeyed another policy before: ${policyBefore}; now it obeys ${policy}`);
    if (!reachesRepositories(required.policy))
      context.stderr.warn(`${policy}: ${NOTHING_COMES}; ${NOTHING_COMES_HINT}`);
    const winner = own?.directory === directory ? rivals.find(({ wins }) => wins) : own;
    if (winner !== undefined)
      context.stderr.warn(
        `Helm asks the plugin ${winner.name} in ${winner.directory} in its place: helm plugin uninstall ${winner.name} removes that one`,
      );
    return {
      status: 0,
      text: [
        `Downloader: ${directory}`,
        `Policy: ${policy}`,
        ...(isOther ? [`Policy Before: ${policyBefore}`] : []),
        '',
        'Next: helm repo add NAME sigstore+https://…, or helm sigstore gate enable NAME for a repository that is there.',
      ],
      document: { downloader: directory, policy, ...(isOther && { policyBefore }) },
    };
  },
});
