import { ifWellFormed, MalformedError } from '../../errors.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../tlog/checkpoint.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import type { SignedTreeHead } from '../log/contents.ts';

/** More characters than a checkpoint with many signatures has. */
const MOST_CHARACTERS = 1 << 16;
/** More signatures than the file of any client has; each takes a tenth of a millisecond. */
const MOST_CHECKPOINTS = 100_000;
/** What stands in each signed note. */
const SIGNATURE_LINE = '\n\n\u2014 ';

/**
 * The checkpoints in the bytes of a file that this key signed, each text once, whatever the file is: a signed note, or JSON with
 * such texts anywhere in it. So it may be what a client remembers of a log, an evidence file, the state of a monitor or an answer
 * of the log. What else it says is not read: the signature alone makes a checkpoint count.
 * @throws MalformedError on more checkpoints than anybody has
 */
export function signedCheckpointsIn(bytes: Uint8Array, key: LogKey): SignedTreeHead[] {
  const text = Buffer.from(bytes).toString('utf8');
  const found: SignedTreeHead[] = [];
  for (const candidate of candidatesIn(text)) {
    const head = headIn(candidate, key);
    if (head !== undefined) found.push(head);
  }
  return found;
}

function candidatesIn(text: string): Set<string> {
  const candidates = new Set<string>();
  for (const each of stringsIn(text))
    if (each.length <= MOST_CHARACTERS && each.includes(SIGNATURE_LINE)) {
      candidates.add(each);
      if (candidates.size > MOST_CHECKPOINTS)
        throw new MalformedError(`expected at most ${MOST_CHECKPOINTS} checkpoints, found more`);
    }
  return candidates;
}

/** All strings in a text of JSON; or the text itself where it is none. */
function* stringsIn(text: string): Generator<string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    yield text;
    return;
  }
  for (const rest = [json]; rest.length > 0;) {
    const value = rest.pop();
    if (typeof value === 'string') yield value;
    else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value) as unknown[]) rest.push(member);
  }
}

function headIn(text: string, key: LogKey): SignedTreeHead | undefined {
  return ifWellFormed(() => {
    const checkpoint = parseCheckpoint(text);
    return verifyCheckpointSignature(checkpoint, key) ? { ...checkpoint, text } : undefined;
  });
}
