import type { Addresses } from '../world/addresses.ts';
import { FAULT_OF_3_18_0, type Reference, type Stop } from './reference.ts';

/** Who finds out which version is meant: we where the reference says it, else Helm. */
const RESOLVED_BY_HELM = { '3.18.0': { status: 5, says: '3.18.0' } };

/** Helm has to be told, also of a registry of this machine. */
const PLAIN_FOR_HELM = ['--insecure-plain-http'];

/** `oci://…` */
export const IN_REGISTRIES: readonly Reference[] = [
  exact('a tag', (at) => [`${at.oci.plain}/hello:0.1.0`]),
  exact('a digest', (at) => [`${at.oci.plain}/hello@${at.manifest}`]),
  exact('a tag and its digest', (at) => [`${at.oci.plain}/hello:0.1.0@${at.manifest}`]),
  stops('a tag and the digest of another', (at) => [`${at.oci.plain}/hello:0.2.0@${at.manifest}`], {
    status: 5,
    says: 'and not sha256:',
  }),
  resolved('no tag: the newest that is no pre-release', [], 'hello-1.10.0'),
  resolved('a range', ['--version', '<1'], 'hello-0.2.0'),
  resolved('pre-releases as well', ['--devel'], 'hello-2.0.0-rc.1'),
  exact('an exact version', (at) => [`${at.oci.plain}/hello`, '--version', '0.1.0']),
  {
    ...exact('build metadata', (at) => [`${at.oci.plain}/hello`, '--version', '1.2.3+build.5']),
    becomes: 'hello-1.2.3+build.5',
  },
  stops('build metadata in a tag as no tag has it', (at) => [`${at.oci.plain}/hello:1.2.3+build.5`], {
    status: 2,
    says: 'tag',
  }),
  exact('a tag, and the same version', (at) => [`${at.oci.plain}/hello:0.1.0`, '--version', '0.1.0']),
  stops('a tag, and another version', (at) => [`${at.oci.plain}/hello:0.1.0`, '--version', '0.2.0'], {
    status: 2,
    says: '0.2.0',
  }),
  stops('a tag that is not there', (at) => [`${at.oci.plain}/hello:9.9.9`], { status: 4, says: '9.9.9' }),
  stops('a chart that is not there', (at) => [`${at.oci.plain}/missing:0.1.0`], {
    status: 4,
    says: 'missing',
  }),
  {
    ...stops('a range that nothing fits', (at) => [`${at.oci.plain}/hello`, '--version', '^9'], {
      status: 4,
      says: 'ould not locate a version matching provided version string ^9',
    }),
    verifyOptions: PLAIN_FOR_HELM,
  },
  stops('no provenance', (at) => [`${at.oci.plain}/unsigned:0.1.0`], { status: 4, says: 'no provenance' }),
  stops('a chart that is not in the log', (at) => [`${at.oci.plain}/quiet:0.1.0`], {
    status: 4,
    says: 'quiet',
  }),
  {
    ...exact('TLS and a password', (at) => [`${at.oci.tls}/hello:0.1.0`, '--ca-file', at.authority]),
    // 3.17 speaks HTTP to every address of loopback.
    helmFails: { ...FAULT_OF_3_18_0, '3.17.3': 'HEAD request to http://127.0.0.1' },
  },
  stops('TLS with an authority that is not known', (at) => [`${at.oci.tls}/hello:0.1.0`], {
    status: 5,
    says: 'certificate',
  }),
  exact('tokens', (at) => [`${at.oci.token}/hello:0.1.0`]),
  { ...resolved('tokens, and no tag', [], 'hello-0.1.0'), words: (at) => [`${at.oci.token}/hello`] },
  exact('distribution 3', (at) => [`${at.oci.v3}/hello:0.1.0`]),
  exact('distribution 3 with tokens', (at) => [`${at.oci.v3Token}/hello:0.1.0`]),
  exact('go-containerregistry', (at) => [`${at.oci.referrers}/hello:0.1.0`]),
  stops('an old version under a new tag', (at) => [`${parent(at)}/older/hello:3.0.0`], {
    status: 10,
    says: '3.0.0',
  }),
  stops('a chart under the name of another', (at) => [`${parent(at)}/renamed/other:0.1.0`], {
    status: 10,
    says: 'other',
  }),
  stops('the provenance of another version', (at) => [`${parent(at)}/swapped/hello:0.1.0`], {
    status: 10,
    says: 'archive-digest',
  }),
];

type Words = Reference['words'];

function exact(what: string, words: Words): Reference {
  return { what: `registry: ${what}`, words, becomes: 'hello-0.1.0', helmFails: FAULT_OF_3_18_0 };
}

function resolved(what: string, options: readonly string[], becomes: string): Reference {
  const words: Words = (at) => [`${at.oci.plain}/hello`, ...options];
  return {
    ...stops(what, words, RESOLVED_BY_HELM['3.18.0']),
    verifyOptions: PLAIN_FOR_HELM,
    becomes,
    with: RESOLVED_BY_HELM,
  };
}

function stops(what: string, words: Words, becomes: Stop): Reference {
  return { what: `registry: ${what}`, words, becomes };
}

function parent({ oci }: Addresses): string {
  return oci.plain.slice(0, oci.plain.lastIndexOf('/'));
}
