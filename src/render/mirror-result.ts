import type { ChartReport } from '../policy/chart-report.ts';
import { unsuccessful, usedEvidence, type RenderedChart } from './chart-result.ts';
import { unverifiedText, type ReportedArchive } from './chart-text.ts';
import { chartMembers, type ShownTo } from './json.ts';
import { copiedText, type ShownCopy } from './mirror-text.ts';

/** A chart that was to be copied. */
interface MirroredChart {
  readonly report: ChartReport;
  readonly archive: ReportedArchive;
  /** The file that held the evidence; undefined: the log was asked. */
  readonly keptIn?: string;
  /** Undefined: it is not proven, and not in the mirror. */
  readonly copy: ShownCopy | undefined;
}

/** @param isVerbose whether every check is shown */
export function mirrorResult(
  { report, archive, keptIn, copy }: MirroredChart,
  shownTo: ShownTo,
  isVerbose: boolean,
): RenderedChart {
  const members = { ...chartMembers(report, archive, shownTo), ...usedEvidence(keptIn) };
  if (report.verdict !== 'verified' || copy === undefined)
    return unsuccessful(report, archive, shownTo, members, () => [
      ...unverifiedText(report, archive, isVerbose, 'Chart Not Mirrored'),
      ...(keptIn === undefined ? [] : [`Evidence: ${keptIn}`]),
    ]);
  return {
    text: copiedText(copy, [report.evidence, ...(report.beside ?? [])], archive),
    members: { outcome: copy.wasThere ? 'present' : 'copied', copy: copy.path, ...members },
    wasThere: copy.wasThere,
  };
}
