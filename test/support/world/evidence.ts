import type { World } from './world.ts';

/** What `upload` says of one chart (docs/json.md). */
interface UploadResult {
  readonly outcome: string;
  readonly evidence?: { readonly path: string; readonly outcome: string; readonly reason?: string };
}

/** Where the evidence of a chart is kept, unless the user says otherwise. */
export function evidenceOf({ path }: { readonly path: string }): string {
  return `${path}.rekor.json`;
}

/** Uploads one chart of a world with further options: its result, and the status of the run. */
export async function uploadOne(
  world: World,
  path: string,
  ...options: readonly string[]
): Promise<UploadResult & { readonly status: number }> {
  const { status, stdout } = await world.runKnowing('upload', path, '--output', 'json', ...options);
  const { results } = JSON.parse(stdout) as { results: UploadResult[] };
  return { ...(results[0] as UploadResult), status };
}
