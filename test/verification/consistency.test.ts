import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/encoding.ts';
import { checkConsistency, conflictIn, type Link } from '../../src/verification/consistency.ts';
import type { SignedCheckpoint } from '../../src/verification/signed-checkpoint.ts';
import { leafHash, ReferenceTree } from '../support/independent/tree.mjs';

const tree = treeOf((index) => `leaf ${index}`);
/** The same log as somebody else sees it: from its sixth leaf on, another tree. */
const fork = treeOf((index) => (index < 5 ? `leaf ${index}` : `other ${index}`));

function treeOf(leaf: (index: number) => string): ReferenceTree {
  const made = new ReferenceTree();
  for (let index = 0; index < 20; index++) made.append(leafHash(encodeUtf8(leaf(index))));
  return made;
}

function head(size: number, of = tree): SignedCheckpoint {
  const origin = 'log.test - 7';
  return {
    origin,
    size,
    rootHash: of.root(size),
    logId: 'ab'.repeat(32),
    treeId: '7',
    note: `${size}`,
  };
}

const NOT_NEEDED: Link['proof'] = { kind: 'not-needed' };

function link(before: number, now: number, seen: { of?: ReferenceTree; proofOf?: ReferenceTree } = {}): Link {
  const { of = tree, proofOf = of } = seen;
  const [first, last] = [Math.min(before, now), Math.max(before, now)];
  const proof: Link['proof'] =
    first === last ? NOT_NEEDED : { kind: 'hashes', hashes: proofOf.consistencyProof(first, last) };
  return { before: head(before), now: head(now, of), proof };
}

const check = (...links: readonly [Link, ...Link[]]) =>
  checkConsistency({ kind: 'known', now: links[0].now, links, displaced: [] });

describe('consistency passes when', () => {
  it.each([
    ['the tree is the one seen before', link(12, 12)],
    ['the tree has grown', link(6, 20)],
    ['a replica lags behind', link(20, 6)],
    ['the tree was empty before', { before: head(0), now: head(5), proof: NOT_NEEDED }],
    ['the tree is still empty', { before: head(0), now: head(0), proof: NOT_NEEDED }],
  ])('%s', (_, each) => {
    expect(check(each)).toMatchObject({ outcome: 'passed' });
  });
});

describe('consistency fails when', () => {
  it.each<[string, Link, string]>([
    ['two trees have one size', link(12, 12, { of: fork }), 'two trees of one size'],
    ['the tree has grown out of another', link(12, 20, { of: fork }), 'not proven to extend'],
    ['the tree has shrunk to another', link(20, 12, { of: fork }), 'rolled back or has forked'],
    ['the proof is that of another tree', link(6, 20, { proofOf: fork }), 'not proven to extend'],
    [
      'the proof is missing',
      { ...link(6, 20), proof: { kind: 'hashes', hashes: [] } },
      'not proven to extend',
    ],
    ['the proof is refused', { ...link(20, 6), proof: { kind: 'refused', why: 'too large' } }, '(too large)'],
    ['nothing was asked', { ...link(6, 20), proof: NOT_NEEDED }, 'not proven to extend'],
    ['all is gone', { before: head(5), now: head(0), proof: NOT_NEEDED }, 'rolled back'],
    [
      'all is gone, and a proof says nothing',
      { before: head(5), now: head(0), proof: { kind: 'hashes', hashes: [] } },
      'rolled back',
    ],
  ])('%s', (_, each, reason) => {
    const finding = check(each);
    expect(finding).toMatchObject({ outcome: 'failed' });
    expect(finding.detail).toContain(reason);
    expect(finding.expected).toContain(`size ${each.before.size}, root `);
    expect(finding.found).toContain(`size ${each.now.size}, root `);
  });

  it('one of several checkpoints seen before is not part of the tree', () => {
    const past = {
      kind: 'known' as const,
      now: head(20, fork),
      links: [link(5, 20, { of: fork }), link(6, 20, { of: fork })],
      displaced: [],
    };
    expect(checkConsistency(past)).toMatchObject({ outcome: 'failed' });
    expect(conflictIn(past)).toMatchObject({ before: head(6), now: head(20, fork) });
  });
});

describe('a log that nobody asked for its proof', () => {
  const notAsked: Link['proof'] = { kind: 'not-asked', why: 'the log was not asked' };

  it('neither passes nor is accused', () => {
    expect(check(link(6, 6), { ...link(6, 20), proof: notAsked })).toEqual({
      outcome: 'skipped',
      detail: 'the log was not asked',
    });
  });

  it.each([
    ['two trees of one size', { ...link(12, 12, { of: fork }), proof: notAsked }],
    ['a tree that is empty now', { before: head(5), now: head(0), proof: notAsked }],
  ])('is accused of what needs no proof: %s', (_, each) => {
    expect(check(each)).toMatchObject({ outcome: 'failed' });
  });

  it('is accused of what another link shows', () => {
    expect(check({ ...link(6, 20), proof: notAsked }, link(6, 20, { proofOf: fork }))).toMatchObject({
      outcome: 'failed',
    });
  });
});

describe('a tree that was never seen', () => {
  const rotated = { kind: 'rotated' as const, now: head(3), links: [], displaced: [] };

  it('is not compared when it is the first one', () => {
    expect(checkConsistency({ kind: 'first' })).toEqual({
      outcome: 'skipped',
      detail: 'no checkpoint seen before',
    });
  });

  it('is not compared when what was seen is lost, and that is said', () => {
    expect(checkConsistency({ kind: 'lost', reason: 'moths' })).toEqual({
      outcome: 'skipped',
      detail: 'moths',
    });
  });

  it('passes beside the older ones', () => {
    expect(checkConsistency({ ...rotated, links: [link(6, 20), link(6, 6)] })).toMatchObject({
      outcome: 'passed',
    });
  });

  it('fails when an older one is no prefix any more', () => {
    const links = [link(6, 20), link(6, 20, { of: fork })];
    expect(checkConsistency({ ...rotated, links })).toMatchObject({ outcome: 'failed' });
  });

  it.each([
    ['is gone', 'not-listed', 'no longer the one seen before'],
    ['has no signed checkpoint', 'not-signed', 'no signed checkpoint'],
  ] as const)('fails when an older one %s', (_, how, reason) => {
    const past = { ...rotated, displaced: [{ before: head(12), how }] };
    expect(checkConsistency(past).detail).toContain(reason);
    expect(conflictIn(past)).toMatchObject({ before: head(12), now: head(3) });
  });
});
