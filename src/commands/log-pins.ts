import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { choicesOf } from '../run/default-log.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { requirePinsDirectory } from '../run/directories.ts';
import { worstStatus } from '../cli/exit-status.ts';
import { InputError } from '../errors.ts';
import { pinMembers, pinsText } from '../render/pins-text.ts';
import { listPins } from '../trust/pins.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';

export const logPins = defineCommand({
  description:
    'Lists the logs whose keys you pinned, and the default log: the one that is used where neither --rekor-server ' +
    'nor REKOR_SERVER names one. It asks nobody.',
  examples: ['log pins', 'log pins --output json'],
  options: ['output'],
  run: showPins,
});

async function showPins(_operands: readonly string[], _: unknown, context: RunContext): Promise<Answer> {
  const { pins, problems } = await listPins(requirePinsDirectory(context));
  const { rekorServer: chosen = PUBLIC_LOG } = await choicesOf(context);
  const unreadable = chosen instanceof InputError ? [...problems, chosen] : problems;
  const byDefault =
    chosen instanceof InputError ? undefined : { url: chosen, isChosen: chosen !== PUBLIC_LOG };
  const diagnoses = unreadable.map((problem) => diagnose(problem));
  return {
    status: worstStatus(diagnoses.map(statusOf)),
    text: pinsText(pins, byDefault),
    document: { ...(byDefault && { default: byDefault.url }), pins: pins.map(pinMembers) },
    diagnoses,
  };
}
