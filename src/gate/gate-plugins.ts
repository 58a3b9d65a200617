import type { Downloader } from '../installation/downloaders.ts';
import { GATE_SCHEMES } from '../gate-schemes.ts';

/** Which plugin Helm asks for the schemes of the gate. */
export interface GatePlugins {
  /** Ours; undefined: it is not installed. */
  readonly own: Downloader | undefined;
  /** Others for one of the schemes, and copies of ours behind the one that is asked. */
  readonly rivals: readonly Rival[];
}

/** Another plugin for a scheme of the gate. */
interface Rival {
  readonly directory: string;
  readonly name: string;
  /** Whether Helm asks it, and not us: the directory that sorts first wins. */
  readonly wins: boolean;
}

/** @param all the plugins that fetch charts, in the order in which Helm finds them */
export function gatePlugins(all: readonly Downloader[]): GatePlugins {
  const known = all.filter(({ protocols }) => GATE_SCHEMES.some((scheme) => protocols.includes(scheme)));
  const first = known.findIndex(({ isOurs }) => isOurs);
  const rivals = known.flatMap(({ isOurs, directory, name }, at) =>
    isOurs && at === first ? [] : [{ directory, name, wins: first < 0 || at < first }],
  );
  return { own: known[first], rivals };
}

/**
 * Ways on which charts come past the gate, for people: facts about Helm, and no matter of a policy. Each is the first sentence of
 * an item in docs/gate.md, which a test holds to them.
 */
export const PAST_THE_GATE: readonly string[] = [
  'a plain https:// or oci:// URL; a repository that was added as https://; --repo https://…',
  'a file or a directory, also one in the working directory that has the name of the reference (acme/app)',
  'a dependency with https://, oci:// or file:// in Chart.yaml (dependency update, --dependency-update), and what lies in charts/',
  'another plugin for these schemes whose directory sorts before sigstore-getter',
  'an index of a repository behind the gate that Helm has cached and that did not come through it',
  'Helm as a library (Argo CD, Flux, Terraform), which loads no plugins',
  'helm rollback, which takes what is stored in the cluster',
  'values (-f, --set) and post-renderers, which nobody signs',
];
