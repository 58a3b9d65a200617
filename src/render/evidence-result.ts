import { entryEvidence } from './entry-evidence.ts';
import { unsuccessful, type RenderedChart } from './chart-result.ts';
import { unverifiedText } from './chart-text.ts';
import { evidenceText, keptMembers } from './evidence-text.ts';
import { chartMembers, type ShownTo } from './json.ts';
import type { UploadedChart } from './upload-text.ts';

/** @param isVerbose whether every check is shown */
export function evidenceResult(
  { report, archive, kept }: Pick<UploadedChart, 'report' | 'archive' | 'kept'>,
  shownTo: ShownTo,
  isVerbose: boolean,
): RenderedChart {
  const about = chartMembers(report, archive, shownTo);
  const members = { ...about, ...(kept && { evidence: keptMembers(kept) }) };
  if (kept === undefined || report.verdict !== 'verified')
    return unsuccessful(report, archive, shownTo, members, () => unverifiedText(report, archive, isVerbose));
  if (kept.outcome === 'not-written') return { text: [], members, error: kept.problem };
  const text = evidenceText(kept, entryEvidence(report.evidence), archive, shownTo.server);
  return { text, members, wasThere: kept.outcome === 'unchanged' };
}
