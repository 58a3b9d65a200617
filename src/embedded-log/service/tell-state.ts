import { json, type ApiAnswer, type Service } from './api-message.ts';
import { EXPOSITION_TYPE, expositionOf } from './exposition.ts';

/** The server is there. */
export function ping(): ApiAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: '.' };
}

/** Whether the log does what it is for: 503 with the reason while it takes no entries, unless it is to take none. */
export async function tellHealth({ health }: Service): Promise<ApiAnswer> {
  const reason = await health.whyUnhealthy();
  return reason === undefined ? json({ status: 'healthy' }) : json({ status: 'unhealthy', reason }, 503);
}

/** What the service measured, for Prometheus. */
export async function tellMetrics({ log, metrics, health, admission }: Service): Promise<ApiAnswer> {
  const isWritable = !admission.isReadOnly && (await health.whyUnhealthy()) === undefined;
  const families = metrics.families({ entries: log.trees.size, isWritable });
  return { status: 200, headers: { 'content-type': EXPOSITION_TYPE }, body: expositionOf(families) };
}
