import { diagnose, statusOf } from '../cli/diagnose.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { SigstoreError, type Diagnosis } from '../errors.ts';
import type { Finding, Found } from '../render/findings-text.ts';

/** What a run finds that looks at one thing after the other; a thing that fails does not keep it from the others. */
export class Findings {
  readonly all: Finding[] = [];
  readonly diagnoses: Diagnosis[] = [];

  /** Looks at one thing. An error of `work` is what was found of it; any but a `SigstoreError` is a defect, and thrown. */
  async look(subject: string, work: () => Found | Promise<Found>): Promise<void> {
    try {
      this.all.push({ subject, ...(await work()) });
    } catch (thrown) {
      if (!(thrown instanceof SigstoreError)) throw thrown;
      const diagnosis = diagnose(thrown);
      this.all.push({ subject, level: 'failed', found: diagnosis.message, remedy: diagnosis.hint });
      this.diagnoses.push(diagnosis);
    }
  }

  /** The exit status of the run. */
  get status(): ReturnType<typeof worstStatus> {
    return worstStatus(this.diagnoses.map(statusOf));
  }
}
