import type { HelmVerb } from '../wrapper/helm-verb.ts';
import { wrapHelm } from '../wrapper/wrap-helm.ts';
import { defineCommand, type CommandDefinition } from '../run/command.ts';
import { warnOfRuntimeVariables } from '../run/runtime.ts';
import {
  CHART_BUNDLE_OPTIONS,
  KEYRING_OPTIONS,
  LOG_OPTIONS,
  SIGNER_OPTIONS,
} from '../settings/option-groups.ts';

const EXAMPLES: Readonly<Record<HelmVerb, readonly string[]>> = {
  install: [
    'install my-release example/hello --version ^0.1 -f values.yaml',
    '--policy helm-sigstore.yaml install my-release oci://registry.example.com/charts/hello --version 0.1.0',
  ],
  upgrade: ['--policy helm-sigstore.yaml upgrade my-release example/hello --install --wait'],
  template: ['--keyring publisher.asc template my-release hello-0.1.0.tgz'],
  pull: ['pull oci://registry.example.com/charts/hello --version 0.1.0 --destination ./charts'],
  show: ['show values example/hello --version 0.1.0'],
};

const ANSWERS =
  'Helm is called with exactly the archive that was verified, and its output and exit status are the answer.';
const PLACES =
  'The archives that were verified are put where Helm would put them, with provenance and evidence beside them.';

function wrapped(verb: HelmVerb): CommandDefinition {
  return defineCommand({
    description:
      `Verifies the chart among the words, as helm sigstore verify does, by the policy if there is one. ${verb === 'pull' ? PLACES : ANSWERS} ` +
      'A chart that is not accepted never reaches Helm: the exit status is that of verify, and everything said is on stderr. ' +
      `All words behind ${verb} are Helm's; the options below stand before it.`,
    examples: EXAMPLES[verb],
    options: [
      ...LOG_OPTIONS,
      ...KEYRING_OPTIONS,
      ...SIGNER_OPTIONS,
      ...CHART_BUNDLE_OPTIONS,
      'plainHttp',
      'as',
      'evidence',
      'offline',
      'requireConsistency',
      'policy',
      'verbose',
    ],
    run: async (words, settings, context) => {
      warnOfRuntimeVariables(context);
      return await wrapHelm(verb, words, settings, context);
    },
  });
}

/** The verbs of Helm, each a command of ours. */
export const wrapperVerbs: Readonly<Record<HelmVerb, CommandDefinition>> = {
  install: wrapped('install'),
  upgrade: wrapped('upgrade'),
  template: wrapped('template'),
  pull: wrapped('pull'),
  show: wrapped('show'),
};
