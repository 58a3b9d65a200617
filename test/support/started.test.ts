import { expect, it } from 'vitest';
import { Started } from './started.ts';

it('what was started ends in the opposite order, also if the next thing fails to start', async () => {
  const ended: string[] = [];
  const end = (name: string) => ended.push(name);
  const failing = Started.whole(async (started) => {
    await started.add('log', end);
    await started.add(Promise.resolve('server'), end);
    await started.add(Promise.reject<string>(new Error('no port')), end);
  });
  await expect(failing).rejects.toThrow('no port');
  expect(ended).toEqual(['server', 'log']);
});

it('all end, also if one of them cannot', async () => {
  const ended: string[] = [];
  const all = await Started.whole(async (started) => {
    await started.add('log', (name) => ended.push(name));
    await started.add('server', () => Promise.reject(new Error('still busy')));
    return started;
  });
  expect(ended).toEqual([]);
  await expect(all.end()).rejects.toThrow('still busy');
  expect(ended).toEqual(['log']);
});
