import { UsageError } from '../errors.ts';
import { answerHelm } from '../gate/answer-helm.ts';
import { readHandedOver } from '../gate/handed-over.ts';
import { defineCommand } from '../run/command.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { warnOfRuntimeVariables } from '../run/runtime.ts';
import { KEYRING_OPTIONS, LOG_OPTIONS, SIGNER_OPTIONS } from '../settings/option-groups.ts';

/** What Helm runs for the schemes of the gate. Its arguments are those of every downloader of Helm. */
export const getter = defineCommand({
  arguments: '<cert> <key> <ca> <url>',
  description:
    'Brings Helm what lies behind sigstore+https:// and sigstore+oci://, if the policy accepts it. Helm calls this.',
  examples: ["getter --policy /etc/policy.yaml '' '' '' sigstore+https://charts.example.com/index.yaml"],
  options: [...LOG_OPTIONS, ...KEYRING_OPTIONS, ...SIGNER_OPTIONS, 'policy'],
  takesEmptyWords: true,
  ignoresPolicyVariable: true,
  run: async ([certFile = '', keyFile = '', caFile = '', href = ''], settings, context) => {
    warnOfRuntimeVariables(context);
    requirePolicy(context);
    if (href === '')
      throw new UsageError('expected <url>, found none', 'docs/gate.md says how Helm is made to call it');
    const handed = readHandedOver([certFile, keyFile, caFile], context.env);
    return await answerHelm(href, handed, settings.lacking(), context);
  },
});
