import { excerpt } from '../encoding.ts';
import type { ChartBundleReport } from '../verification/chart-bundle.ts';
import { repositoryOfWorkflow } from '../verification/identity-checks.ts';

/** An identity that signed a chart by a bundle which holds, but for that nobody said whether it counts. */
export interface DraftedIdentity {
  readonly identity: string;
  readonly issuer: string;
  /** For which repository its workflow ran, where that is another one than its own. */
  readonly sourceRepository?: string;
}

/** The identity that a bundle is by, or why it is no signer for a draft, in words. */
export function identityForDraft(report: ChartBundleReport): DraftedIdentity | { readonly problem: string } {
  const { signer } = report;
  const failure =
    report.kind === 'refuted'
      ? report.checks.find(({ id, outcome }) => outcome === 'failed' && id !== 'identity')
      : undefined;
  if (failure !== undefined) return { problem: `${failure.id}: ${failure.detail}` };
  if (signer?.kind !== 'certificate') return { problem: 'it is by a key, whose file nobody named' };
  const { identity, issuer, sourceRepository } = signer;
  const { kind, value } = identity;
  // In a policy a star stands for any text: who has one in his name would be let in with all others.
  if (kind === 'other' || value.includes('*')) return { problem: 'its identity cannot be named in a policy' };
  const own = repositoryOfWorkflow(value);
  if (own === undefined || own === sourceRepository) return { identity: value, issuer };
  if (sourceRepository === undefined)
    return { problem: 'its certificate does not say for which repository the workflow ran' };
  return { identity: value, issuer, sourceRepository };
}

/** The lines of an item of `signedBy`, with what has to be thought of. What strangers wrote is in quotes, and on one line. */
export function identityLines({ identity, issuer, sourceRepository }: DraftedIdentity): string[] {
  return [
    ...cautionsAbout(identity).map((caution) => `      # ${caution}`),
    ...(sourceRepository === undefined
      ? []
      : [
          '      # CAUTION: the workflow is that of another repository, whose owners can change what it signs.',
        ]),
    `      - identity: ${JSON.stringify(identity)}`,
    `        issuer: ${JSON.stringify(issuer)}`,
    ...(sourceRepository === undefined
      ? []
      : [`        sourceRepository: ${JSON.stringify(sourceRepository)}`]),
  ];
}

function cautionsAbout(identity: string): string[] {
  const [, workflow = '', ref] = /^(https:\/\/[^@]*)(?:@(.*))?$/s.exec(identity) ?? [];
  if (workflow === '') return ['Compare this with what the publisher says of himself in another place.'];
  if (ref === undefined)
    return ['CAUTION: it names no branch and no tag: whatever has this name can sign, from any of them.'];
  if (/^refs\/(?:pull|merge-requests)\//.test(ref))
    return [
      'CAUTION: it signed in a pull request. Whoever can open one can have such an identity: do not accept it.',
    ];
  if (ref.startsWith('refs/tags/'))
    return [
      `The next version has another tag: ${excerpt(`${workflow}@refs/tags/*`, 300)} stands for all of them.`,
    ];
  return ['CAUTION: it signed from a branch: whoever can push to that can sign.'];
}
