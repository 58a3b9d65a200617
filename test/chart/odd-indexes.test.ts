import { describe, expect, test } from 'vitest';
import { chartsOfIndex } from '../../src/chart/local/index-file.ts';
import { messageOf } from '../../src/errors.ts';
import { expectedOf, problemOf } from '../support/charts-named.ts';
import { ODD_INDEXES } from '../support/odd-indexes.ts';

/** What is said of all charts of an index: problems, else names and versions. */
function outcome(text: string): string {
  try {
    const charts = [...chartsOfIndex(Buffer.from(text), 'index.yaml', '.')];
    const problem = charts.map(problemOf).find((each) => each !== undefined)?.message;
    const words = charts.map((chart) => {
      const expected = expectedOf(chart);
      return `${chart.label} ${expected?.names.join('/')} ${expected?.version}`;
    });
    return problem ?? words.join(', ');
  } catch (error) {
    return messageOf(error);
  }
}

describe.each([
  ['as a whole', ''],
  ['in pieces', `${'#'.repeat(200)}\n`.repeat(3000)],
])('an index that is read %s', (_, filling) => {
  test.each(ODD_INDEXES.filter(({ text }) => filling === '' || !/^\{|entries: \{\}/.test(text)))(
    'and has $what is to this reader what it is to Helm: $helm',
    ({ text, helm, here }) => {
      const said = outcome(text + filling);
      if (here !== undefined) expect(said).toContain(here);
      else {
        const charts = helm.split(', ').map((chart) => `${chart.replace(' ', '-')}.tgz ${chart}`);
        expect(said).toBe(charts.join(', '));
      }
    },
  );
});
