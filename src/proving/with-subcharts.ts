import { withContents, type RenderedChart } from '../render/chart-result.ts';
import type { VerifiedChart } from './evidence-verifier.ts';

/** The result of a chart, with the charts in it if it is verified: its signature alone vouches for them. */
export async function withSubcharts(
  result: RenderedChart,
  { report, judged }: VerifiedChart,
): Promise<RenderedChart> {
  if (report.verdict !== 'verified' || judged === undefined) return result;
  const { contents } = await judged.packed();
  return contents === undefined ? result : withContents(result, contents);
}
