/** What the help says of sub-commands with a first word in common. */
export const GROUPS: Readonly<
  Record<string, { readonly summary: string; readonly examples: readonly string[] }>
> = {
  bundle: {
    summary: 'files that are signed with Sigstore',
    examples: ['bundle verify checksums.txt --key release.pem'],
  },
  dependency: { summary: 'the charts that a chart needs', examples: ['dependency build ./umbrella'] },
  gate: {
    summary: 'repositories of which Helm gets only what the policy accepts',
    examples: ['gate install --policy helm-sigstore.yaml', 'gate enable --all', 'gate status'],
  },
  log: { summary: 'logs of your own', examples: ['log serve --dir ./log', 'log use http://127.0.0.1:3000'] },
  policy: {
    summary: 'who may sign which charts',
    examples: ['policy init example/hello', 'policy check hello-0.1.0.tgz --policy helm-sigstore.yaml'],
  },
  state: { summary: 'what this program remembers', examples: ['state clear'] },
  trust: { summary: 'the keys of logs', examples: ['trust show', 'trust update'] },
};
