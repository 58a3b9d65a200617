import { entryEvidence } from './entry-evidence.ts';
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
    const { evidence } = report;
    const signer = evidence.profile === 'openpgp-rekor' ? evidence.signer : undefined;
    return { text: planText(plan, signer, evidence.warnings, archive), members };
  }
  if (report.verdict === 'verified') {
    const text = uploadedText(uploaded, entryEvidence(report.evidence), shownTo.server);
    return { text, members, wasThere: outcome === 'exists' };
  }
  return unsuccessful(report, archive, shownTo, members, () =>
    notUploadedText(outcome, report, archive, isVerbose),
  );
}
