import { version } from '../commands/version.ts';
import type { wrapperVerbs } from '../commands/wrapper-verbs.ts';
import { LOG_COMMANDS } from './log-commands.ts';
import type { TableEntry } from './table-entry.ts';

/** Every sub-command, in the order of the help. */
export const COMMANDS: readonly TableEntry[] = [
  {
    path: ['sign'],
    summary: 'sign packaged charts with your own gpg',
    load: async () => (await import('../commands/sign.ts')).sign,
  },
  {
    path: ['upload'],
    summary: "put a chart's provenance on the log",
    load: async () => (await import('../commands/upload.ts')).upload,
    asksLog: true,
  },
  {
    path: ['search'],
    summary: 'find the log entries of a chart, a signer or a key',
    load: async () => (await import('../commands/search.ts')).search,
    asksLog: true,
  },
  {
    path: ['verify'],
    summary: 'prove that a chart and its signature are on the log',
    load: async () => (await import('../commands/verify.ts')).verify,
    asksLog: true,
  },
  {
    path: ['monitor'],
    summary: 'tell what your keys and identities sign, and what is not published of it',
    load: async () => (await import('../commands/monitor.ts')).monitor,
  },
  {
    path: ['evidence'],
    summary: 'keep what proves that a chart is on the log, or judge it',
    load: async () => (await import('../commands/evidence.ts')).evidence,
  },
  {
    path: ['attach'],
    summary: 'put evidence beside a chart in a registry',
    load: async () => (await import('../commands/attach.ts')).attachEvidence,
  },
  {
    path: ['mirror'],
    summary: 'copy verified charts into a directory for sites without a network',
    load: async () => (await import('../commands/mirror.ts')).mirror,
    asksLog: true,
  },
  {
    path: ['dependency', 'build'],
    summary: 'verify the charts that a chart needs, and put them into its charts/',
    load: async () => (await import('../commands/dependency-build.ts')).dependencyBuild,
    asksLog: true,
  },
  wrapping('install'),
  wrapping('upgrade'),
  wrapping('template'),
  wrapping('pull'),
  wrapping('show'),
  {
    path: ['inspect'],
    summary: 'judge a chart and its provenance without any log',
    load: async () => (await import('../commands/inspect.ts')).inspect,
  },
  {
    path: ['bundle', 'verify'],
    summary: 'judge any file by its Sigstore bundle: who signed it, and that it is logged',
    load: async () => (await import('../commands/bundle-verify.ts')).bundleVerify,
  },
  {
    path: ['policy', 'check'],
    summary: 'say what the policy makes of a chart, and why',
    load: async () => (await import('../commands/policy-check.ts')).policyCheck,
  },
  {
    path: ['policy', 'explain'],
    summary: 'go through every rule of the policy for a chart',
    load: async () => (await import('../commands/policy-explain.ts')).policyExplain,
  },
  {
    path: ['policy', 'lint'],
    summary: 'look for mistakes in the policy',
    load: async () => (await import('../commands/policy-lint.ts')).policyLint,
  },
  {
    path: ['policy', 'init'],
    summary: 'print a policy made of charts in use',
    load: async () => (await import('../commands/policy-init.ts')).policyInit,
  },
  {
    path: ['gate', 'install'],
    summary: 'let Helm ask this plugin for what lies behind sigstore+https://',
    load: async () => (await import('../commands/gate-install.ts')).gateInstall,
  },
  {
    path: ['gate', 'enable'],
    summary: 'put repositories of Helm behind the gate',
    load: async () => (await import('../commands/gate-enable.ts')).gateEnable,
  },
  {
    path: ['gate', 'disable'],
    summary: 'take repositories of Helm from behind the gate',
    load: async () => (await import('../commands/gate-disable.ts')).gateDisable,
  },
  {
    path: ['gate', 'status'],
    summary: 'show what comes through the gate, and what past it',
    load: async () => (await import('../commands/gate-status.ts')).gateStatus,
  },
  {
    path: ['keys'],
    summary: 'list the OpenPGP keys whose signatures count',
    load: async () => (await import('../commands/keys.ts')).keys,
  },
  {
    path: ['keys', 'add'],
    summary: "keep a publisher's key, so that its signatures count",
    load: async () => (await import('../commands/keys-add.ts')).keysAdd,
  },
  {
    path: ['keys', 'remove'],
    summary: 'remove a key that was added',
    load: async () => (await import('../commands/keys-remove.ts')).keysRemove,
  },
  ...LOG_COMMANDS,
  {
    path: ['state', 'clear'],
    summary: 'forget what was seen of logs',
    load: async () => (await import('../commands/state-clear.ts')).stateClear,
  },
  {
    path: ['doctor'],
    summary: 'examine Node, Helm, keyrings, trust and the log',
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  {
    path: ['version'],
    summary: 'print the version',
    load: () => Promise.resolve(version),
  },
];

/** A verb of Helm, of which all words behind it are Helm's. */
function wrapping(verb: keyof typeof wrapperVerbs): TableEntry {
  return {
    path: [verb],
    summary: `what helm ${verb} does, with charts that are verified first`,
    load: async () => (await import('../commands/wrapper-verbs.ts')).wrapperVerbs[verb],
    passesWords: true,
  };
}

/** The names of the commands behind which all words belong to another program. */
export const PASSING_COMMANDS: readonly string[] = COMMANDS.flatMap(({ path, passesWords }) =>
  passesWords ? path : [],
);
