import type { AnsweredRequest } from './answered-request.ts';
import { Histogram, type MetricFamily, type MetricSample } from './exposition.ts';

/** What a service of a log did since it was started, for those who watch it. No name, key or address is in it. */
export class ServiceMetrics {
  /** Uploads that were judged, and are not durable yet. */
  waiting = 0;
  readonly #requests = new Map<string, { readonly labels: Record<string, string>; count: number }>();
  readonly #durations = new Histogram([0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]);
  readonly #batches = new Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  readonly #commits = new Histogram([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);

  /** Counts a request. */
  answered({ method, route, status, milliseconds }: AnsweredRequest): void {
    const labels = { method: METHODS.includes(method) ? method : 'other', route, status: String(status) };
    const name = Object.values(labels).join(' ');
    const counted = this.#requests.get(name) ?? { labels, count: 0 };
    counted.count++;
    this.#requests.set(name, counted);
    this.#durations.observe(milliseconds / 1000);
  }

  /** Counts a batch that begins to be written. Returns what is called when it is durable. */
  committing(entries: number): () => void {
    const began = performance.now();
    return () => {
      this.#batches.observe(entries);
      this.#commits.observe((performance.now() - began) / 1000);
    };
  }

  /** @param entries in the log. @param isWritable whether it takes entries */
  families({ entries, isWritable }: { entries: number; isWritable: boolean }): MetricFamily[] {
    const requests = [...this.#requests.values()].map(({ labels, count }) => ({ labels, value: count }));
    return [
      gauge('entries', 'Entries in the log.', entries),
      gauge('writable', '1 if the log takes entries now, else 0.', Number(isWritable)),
      gauge('uploads_waiting', 'Uploads that were judged and are not durable yet.', this.waiting),
      family('requests_total', 'Requests by method, route and HTTP status.', 'counter', requests),
      family('request_seconds', 'How long answers took.', 'histogram', this.#durations.samples()),
      family(
        'batch_entries',
        'Entries that became durable by one fsync.',
        'histogram',
        this.#batches.samples(),
      ),
      family(
        'commit_seconds',
        'How long writing a batch took, with its fsync.',
        'histogram',
        this.#commits.samples(),
      ),
    ];
  }
}

/** Clients may send others, and each would be one more label for ever. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

function gauge(name: string, help: string, value: number): MetricFamily {
  return family(name, help, 'gauge', [{ value }]);
}

function family(
  name: string,
  help: string,
  type: MetricFamily['type'],
  samples: readonly MetricSample[],
): MetricFamily {
  return { name: `helm_sigstore_log_${name}`, help, type, samples };
}
