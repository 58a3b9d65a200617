import { describe, expect, test } from 'vitest';
import { listTags } from '../../src/registry/tags.ts';
import { answer, serve } from '../support/loopback.ts';
import { serveRegistry, type RegistryFaults } from '../support/registry/server.ts';
import { REPOSITORY, repositoryIn } from './asking.ts';

async function registryWithTags(count: number, faults: RegistryFaults = {}) {
  const registry = await serveRegistry(faults);
  for (let at = 0; at < count; at++) registry.store.addManifest(REPOSITORY, '{}', `1.0.${at}`);
  return registry;
}

describe('the tags of a repository', () => {
  test.each([[Infinity], [2], [1]])('are those of all pages: %d a page', async (pageSize) => {
    const registry = await registryWithTags(5, { pageSize });
    expect(await listTags(await repositoryIn(registry))).toEqual([
      '1.0.0',
      '1.0.1',
      '1.0.2',
      '1.0.3',
      '1.0.4',
    ]);
  });

  test('of none are not found', async () => {
    const repository = await repositoryIn(await serveRegistry());
    await expect(listTags(repository)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are not looked for at another server', async () => {
    const trap = await serve(answer(200, '{"tags":["9.9.9"]}'));
    const registry = await registryWithTags(1, { nextPage: `${trap.url}/v2/${REPOSITORY}/tags/list?last=x` });
    await expect(listTags(await repositoryIn(registry))).rejects.toThrow('which is another server');
    expect(trap.seen).toEqual([]);
  });

  test.each([
    ['another scheme', (host: string) => `https://${host}/v2/x`],
    ['credentials', (host: string) => `http://user:secret@${host}/v2/x`],
    ['no host', () => '//[/x'],
  ])('are not looked for at a link with %s', async (_, link) => {
    const registry = await registryWithTags(1);
    registry.faults.nextPage = link(registry.host);
    await expect(listTags(await repositoryIn(registry))).rejects.toMatchObject({ code: 'UNCHECKED' });
  });

  test('on pages without end are given up', async () => {
    const registry = await registryWithTags(1, { nextPage: `/v2/${REPOSITORY}/tags/list` });
    await expect(listTags(await repositoryIn(registry))).rejects.toThrow('more than 50 pages');
  });

  test.each([
    ['no list', '{"tags":"1.0.0"}'],
    ['a tag that is none', '{"tags":["1.0.0","../x"]}'],
    ['a number', '{"tags":[1]}'],
    ['a web page', '<html>'],
    ['too many', JSON.stringify({ tags: Array.from({ length: 50_001 }, () => 'a') })],
  ])('that are %s are refused', async (_, body) => {
    const registry = await serveRegistry({
      instead: (_, response) => response.writeHead(200).end(body) instanceof Object,
    });
    await expect(listTags(await repositoryIn(registry))).rejects.toMatchObject({ code: 'UNCHECKED' });
  });

  test('may be none any more', async () => {
    const registry = await serveRegistry({
      instead: (_, response) => response.writeHead(200).end('{"name":"x","tags":null}') instanceof Object,
    });
    expect(await listTags(await repositoryIn(registry))).toEqual([]);
  });
});
