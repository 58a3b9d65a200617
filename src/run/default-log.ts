import { InputError, UsageError } from '../errors.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { CHOOSE_AGAIN, readDefaultLog } from '../trust/default-log.ts';
import type { Context } from './context.ts';
import { configurationDirectory } from './directories.ts';

/**
 * The normalised URL of the log that the user chose with `log use`; undefined: none was chosen.
 * @throws InputError if the choice cannot be read, or was not made by `log use`
 */
export async function chosenLog(
  context: Pick<Context, 'env' | 'home' | 'platform'>,
): Promise<string | undefined> {
  const directory = configurationDirectory(context);
  const url = directory === undefined ? undefined : await readDefaultLog(directory);
  if (url === undefined) return undefined;
  try {
    return parseBaseUrl(url, 'the log that was chosen with log use').href;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new InputError(error.message, CHOOSE_AGAIN);
  }
}

/** The log that the user chose for every run, or why that cannot be read. */
interface ChosenLog {
  readonly rekorServer?: string | InputError;
}

/** What the user chose for every run. Whether it can be read matters only to a run that names nothing else. */
export async function choicesOf(context: Pick<Context, 'env' | 'home' | 'platform'>): Promise<ChosenLog> {
  try {
    const rekorServer = await chosenLog(context);
    return rekorServer === undefined ? {} : { rekorServer };
  } catch (error) {
    if (error instanceof InputError) return { rekorServer: error };
    throw error;
  }
}
