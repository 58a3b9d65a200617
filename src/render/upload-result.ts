import { unsuccessful, type RenderedChart } from './chart-result.ts';
import { keptMembers } from './evidence-text.ts';
import { chartMembers, type ShownTo } from './json.ts';
import { planMembers, planText } from './plan-text.ts';
import { notUploadedText, uploadedText, type UploadedChart } from './upload-text.ts';

/** @param isVerbose whether every check is shown */
export function uploadResult(uploaded: UploadedChart, shownTo: ShownTo, isVerbose: boolean): RenderedChart {
  const { outcome, report, archive, plan, kept } = uploaded;
  const about = chartMembers(report, archive, { ...shownTo, plan: plan && planMembers(plan) });
  const members = { ...(outcome && { outcome }), ...about, ...(kept && { evidence: keptMembers(kept) }) };
  if (plan !== undefined) {
    const { signer, warnings } = report.evidence;
    return { text: planText(plan, signer, warnings, archive), members };
  }
  if (report.verdict === 'verified') {
    const text = uploadedText(uploaded, report.evidence, shownTo.server);
    return { text, members, wasThere: outcome === 'exists' };
  }
  return unsuccessful(report, archive, shownTo, members, () =>
    notUploadedText(outcome, report, archive, isVerbose),
  );
}
