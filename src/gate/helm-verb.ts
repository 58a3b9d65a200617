/** The verbs of Helm that use a chart. */
export const HELM_VERBS = ['install', 'upgrade', 'template', 'pull', 'show'] as const;

export type HelmVerb = (typeof HELM_VERBS)[number];

/** What `helm show` shows. */
export const SHOWN_PARTS: readonly string[] = ['all', 'chart', 'crds', 'readme', 'values'];
