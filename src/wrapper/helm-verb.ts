/** The verbs of Helm that use a chart. */
export type HelmVerb = 'install' | 'upgrade' | 'template' | 'pull' | 'show';

/** What `helm show` shows. */
export const SHOWN_PARTS: readonly string[] = ['all', 'chart', 'crds', 'readme', 'values'];
