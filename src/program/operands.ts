import { UsageError } from '../errors.ts';
import type { CommandDefinition } from '../run/command.ts';
import { chartIsUrl, isUrl } from '../settings/path-value.ts';

/**
 * Looks at the operands before any work.
 * @throws UsageError on one that names nothing, or on a chart that is a URL
 */
export function requireOperands(
  operands: readonly string[],
  { arguments: expected = '', options, takesEmptyWords }: CommandDefinition,
): void {
  if (!takesEmptyWords && operands.includes(''))
    throw new UsageError(`expected ${expected}, found an empty word`, 'look for a variable that is empty');
  if (expected.includes('chart') && !options.includes('repo') && operands.some(isUrl)) throw chartIsUrl();
}
