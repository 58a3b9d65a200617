import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { pinsDirectory } from '../cli/directories.ts';
import { openConnection } from '../cli/log.ts';
import type { Settings } from '../cli/settings.ts';
import { InputError, RejectedError, UsageError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import { askLogKeys } from '../rekor/log-keys.ts';
import { lines } from '../render/chart-text.ts';
import { logKeyMembers } from '../render/trust-text.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { writePin } from '../trust/pins.ts';

export const logPin: CommandDefinition = {
  arguments: '<url>',
  description:
    'Trusts the keys of a log from now on, if they are the ones that you expect. Without --fingerprint it shows\n' +
    'what the log says and trusts nothing: compare that with what its operator published.',
  examples: [
    'log pin https://rekor.example.com',
    'log pin https://rekor.example.com --fingerprint c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
  ],
  options: ['logFingerprint', 'caFile', 'timeout', 'output'],
  run: pinLog,
};

async function pinLog([url = '']: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const server = parseBaseUrl(url, 'the address of the log');
  const expected = settings.all('logFingerprint').map(parseFingerprint);
  const keys = await keysOf(server, settings, context);
  const found = keys.map(({ logId }) => logId);
  const members = { url: server.href, keys: logKeyMembers(keys) };
  const keyLines = found.map((logId) => `Fingerprint: ${logId}`);

  if (expected.length === 0) {
    const command = `helm sigstore log pin ${server.href} ${found.map((logId) => `--fingerprint ${logId}`).join(' ')}`;
    return {
      status: 2,
      text: lines([`Rekor Server: ${server.href}`, ...keyLines]),
      document: { ...members, pinned: false },
      diagnoses: [
        {
          code: 'USAGE',
          message: 'nothing was pinned: --fingerprint is expected, found none',
          hint: `if these are the fingerprints that the operator of the log published: ${command}`,
        },
      ],
    };
  }
  const isSame =
    found.every((logId) => expected.includes(logId)) && expected.every((hex) => found.includes(hex));
  if (!isSame)
    throw new RejectedError(
      `the keys of ${server.href} are not the expected ones: expected ${expected.join(' and ')}, found ${found.join(' and ')}`,
      'nothing was pinned; ask the operator of the log',
    );
  const path = await pin(server, keys, context);
  return {
    status: 0,
    text: lines([`Pinned Rekor Server: ${server.href}`, ...keyLines, `Pin: ${path}`]),
    document: { ...members, pinned: true, path },
  };
}

async function keysOf(server: BaseUrl, settings: Settings, context: Context): Promise<LogKey[]> {
  const connection = await openConnection(server, settings, context);
  try {
    return await askLogKeys(connection.connect());
  } finally {
    connection.close();
  }
}

async function pin(server: BaseUrl, keys: readonly LogKey[], context: Context): Promise<string> {
  const directory = pinsDirectory(context);
  if (directory === undefined)
    throw new InputError('there is no directory for pins', 'set HELM_CONFIG_HOME to an absolute path');
  return await writePin(directory, { url: server.href, keys, pinnedAt: context.now() });
}

function parseFingerprint(text: string): string {
  const hex = text.replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex))
    throw new UsageError(
      `--fingerprint expects the 64 hexadecimal digits of a log ID, found ${excerpt(text)}`,
    );
  return hex;
}
