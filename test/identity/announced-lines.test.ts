import { expect, it } from 'vitest';
import { announcedLines } from '../../src/identity/announced-lines.ts';
import { publicIdentityOf } from '../../src/identity/public-identity.ts';
import { readTokenClaims } from '../../src/identity/token-claims.ts';
import { workflowClaims } from '../support/identity-provider.ts';
import { fakeToken } from './fake-sigstore.ts';

const service = (url: string) => ({ url, version: 1, validFrom: 0, operator: 'a' });
const SERVICES = {
  authority: service('https://ca.example.com'),
  log: service('https://log.example.com'),
  timestamps: [service('https://tsa.example.com/time')],
};
const ASKS = 'asks https://ca.example.com, https://log.example.com, https://tsa.example.com/time';

function linesFor(claims: Readonly<Record<string, unknown>>): string[] {
  return announcedLines({ ...publicIdentityOf(readTokenClaims(fakeToken(claims))), ...SERVICES });
}

it('names the address of a person', () => {
  expect(linesFor({})).toEqual([
    'signs as the e-mail address publisher@example.com, for which https://issuer.example.com vouches',
    'this becomes public, for ever: that name; subject user-1',
    ASKS,
  ]);
});

it('names what has no address by its subject, once', () => {
  expect(linesFor({ email: undefined, sub: 'machine-7' })).toEqual([
    'signs as the subject machine-7, for which https://issuer.example.com vouches',
    'this becomes public, for ever: that name',
    ASKS,
  ]);
});

it('names a workflow, and what else its certificate will say', () => {
  const claims = workflowClaims('o/charts', 'refs/tags/v1');
  const [first, second, third, fourth] = linesFor({
    ...claims,
    email: undefined,
    repository_visibility: 'internal',
  });
  expect(first).toBe(
    'signs as the workflow https://github.com/o/charts/.github/workflows/release.yml@refs/tags/v1, for which https://issuer.example.com vouches',
  );
  expect(second).toBe(
    'this becomes public, for ever: that name; subject repo:o/charts:ref:refs/tags/v1, repository o/charts, ref refs/tags/v1, sha 0123456789abcdef0123456789abcdef01234567, workflow release, event name push, run id 3003, run attempt 1, runner environment github-hosted, repository visibility internal',
  );
  expect(third).toContain('is not public');
  expect(fourth).toBe(ASKS);
});
