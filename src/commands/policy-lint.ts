import { findDownloaders } from '../installation/downloaders.ts';
import { listKeys } from '../keyring/listing.ts';
import { lintPolicy, type LintSurroundings } from '../policy/lint-policy.ts';
import { lintText } from '../render/policy-text.ts';
import { defineCommand } from '../run/command.ts';
import { pluginDirectories } from '../run/directories.ts';
import { readRepositories } from '../run/repositories.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { KEYRING_OPTIONS } from '../settings/option-groups.ts';

export const policyLint = defineCommand({
  description:
    'Looks for mistakes in the policy that are no errors: identities that pull requests can have, patterns over branches, ' +
    'keys that are expired or not at hand, rules that never decide, warnings in place of rules, digests whose day is past; ' +
    'and for repositories and plugins of Helm that bring charts past the policy. It asks no log.',
  examples: ['policy lint --policy helm-sigstore.yaml', 'policy lint --output json'],
  options: [...KEYRING_OPTIONS, 'policy', 'output'],
  run: async (_, settings, context) => {
    const { path, policy } = requirePolicy(context);
    const signers = policy.rules.flatMap(({ signedBy }) => signedBy);
    const wanted = signers.flatMap((item) => (item.kind === 'openpgp' ? item.fingerprint : []));
    const keys: LintSurroundings['keys'][number][] = [];
    if (wanted.length > 0) {
      const keyring = await openUserKeyring(settings, context, true);
      for await (const { fingerprint, expires } of listKeys(keyring.all(), wanted))
        keys.push({ fingerprint, expires });
    }
    const repositories = await readRepositories(context);
    const findings = lintPolicy(policy, {
      now: context.now(),
      keys,
      repositories: repositories.map(({ name, address }) => ({ name, url: address })),
      downloaders: await findDownloaders(pluginDirectories(context), context.env),
    });
    const message = `there ${findings.length === 1 ? 'is one finding' : `are ${findings.length} findings`} about ${path}`;
    return {
      status: findings.length === 0 ? 0 : 2,
      text: lintText(path, findings),
      document: { policy: path, findings },
      ...(findings.length > 0 && { diagnoses: [{ code: 'USAGE', message }] }),
    };
  },
});
