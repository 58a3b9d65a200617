import { LogError, MalformedError } from '../errors.ts';
import { logKeyFromPem, type LogKey } from '../tlog/log-key.ts';
import type { RekorClient } from './client.ts';

/**
 * The public keys that a log itself gives: of its active tree, and of its inactive ones. Whether they are
 * trusted is decided elsewhere.
 * @throws LogError when it does not answer, or what it gives is no key
 */
export async function askLogKeys(client: RekorClient): Promise<LogKey[]> {
  const { treeId, inactiveShards } = await client.logInfo();
  const trees = [treeId, ...inactiveShards.map((shard) => shard.treeId)];
  const keys = new Map<string, LogKey>();
  for (const tree of trees) {
    const key = readKey(await client.publicKey(tree), client.url);
    keys.set(key.logId, key);
  }
  return [...keys.values()];
}

function readKey(pem: string, url: string): LogKey {
  try {
    return logKeyFromPem(pem);
  } catch (thrown) {
    if (thrown instanceof MalformedError)
      throw new LogError('LOG_ANSWER', `${url} gave something else than its public key: ${thrown.message}`);
    throw thrown;
  }
}
