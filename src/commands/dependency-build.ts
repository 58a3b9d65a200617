import { UsageError } from '../errors.ts';
import { buildDependencies } from '../proving/build-dependencies.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { defineCommand } from '../run/command.ts';
import { KEYRING_OPTIONS, LOG_OPTIONS, REGISTRY_OPTIONS, SIGNER_OPTIONS } from '../settings/option-groups.ts';

export const dependencyBuild = defineCommand({
  arguments: '<directory>',
  description:
    'Fetches the charts that the Chart.lock of an unpacked chart lists, proves that each is the one that was signed and is on ' +
    'the transparency log, and makes the charts/ of the directory of them, as helm dependency build does. If one of them is ' +
    'not verified, or the lock is not what Chart.yaml asks for, charts/ stays as it was.',
  examples: [
    'dependency build ./umbrella',
    'dependency build ./umbrella --keyring publishers.gpg --output json',
  ],
  options: [
    ...LOG_OPTIONS,
    ...KEYRING_OPTIONS,
    ...SIGNER_OPTIONS,
    ...REGISTRY_OPTIONS,
    'certFile',
    'keyFile',
    'requireConsistency',
    'policy',
    'verbose',
    'output',
  ],
  run: async ([directory, ...others], settings, context, show) => {
    if (directory === undefined || others.length > 0)
      throw new UsageError('expected one directory of a chart', 'each chart has a run of its own');
    const requirements = requirementsWithConsistency(settings, undefined);
    return await buildDependencies(directory, requirements, settings, context, show);
  },
});
