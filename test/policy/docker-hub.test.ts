import { expect, it } from 'vitest';
import { normaliseReference } from '../../src/policy/asked-reference.ts';
import { DOCKER_HUB_HOSTS } from '../../src/registry/registry-address.ts';

/** The client of registries and the policy each know the names of Docker Hub: a name that only one knew would escape its rule. */
it('all names under which Docker Hub is asked are one reference for a policy', () => {
  const references = DOCKER_HUB_HOSTS.map((host) => normaliseReference(`oci://${host}/library/hello`));
  expect(references.length).toBeGreaterThan(1);
  expect(new Set(references).size).toBe(1);
});
