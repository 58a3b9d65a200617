import { expect, it } from 'vitest';
import { KeptJson } from '../../src/cli/kept-json.ts';
import { Output } from '../../src/cli/output.ts';
import { printerIn, type OutputForm } from '../../src/cli/printer.ts';
import { outputTo } from '../support/program.ts';

/** An output whose reader takes one piece at a time, when it is told to. */
function slowOutput() {
  const waiting: (() => void)[] = [];
  let settled = Promise.resolve();
  const pieces: string[] = [];
  const output = new Output({
    isTerminal: false,
    failure: undefined,
    settled: () => settled,
    write: (content) => {
      pieces.push(content.toString());
      settled = new Promise((resolve) => waiting.push(resolve));
    },
  });
  const take = () => {
    for (const arrived of waiting.splice(0)) arrived();
  };
  return { output, pieces, take };
}

const turn = () => new Promise(setImmediate);

it.each<OutputForm>(['text', 'jsonl'])(
  'in %s the next result waits for a slow reader of the last',
  async (form) => {
    const { output, pieces, take } = slowOutput();
    const printer = printerIn(form, {}, { stdout: output, stderr: outputTo(() => undefined) });
    let isShown = false;
    const shown = printer
      .show({ status: 0, text: ['good'], members: { chart: 'a' } })
      .then(() => (isShown = true));
    await turn();
    expect([pieces.length, isShown]).toEqual([1, false]);
    take();
    await shown;
  },
);

it('a long document is written as fast as it is read', async () => {
  const { output, pieces, take } = slowOutput();
  const results = new KeptJson();
  for (let number = 0; number < 1000; number++) results.add({ number });
  const printed = output.printDocument({ results });
  for (let round = 1; round <= 10; round++) {
    await turn();
    expect(pieces).toHaveLength(round);
    take();
  }
  const taking = setInterval(take, 1);
  await printed.finally(() => {
    clearInterval(taking);
  });
  expect((JSON.parse(pieces.join('')) as { results: unknown[] }).results).toHaveLength(1000);
});
