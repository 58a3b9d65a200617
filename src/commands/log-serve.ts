import { once } from 'node:events';
import type { Answer } from '../cli/answer.ts';
import { diagnose, isDebugging, writeDiagnosis } from '../cli/diagnose.ts';
import { startLogService, type LogService } from '../embedded-log/service/service.ts';
import type { InputError } from '../errors.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { fingerprintLines } from '../run/log-keys.ts';
import { logMakingOf } from '../settings/log-making.ts';
import { LOG_MAKING_OPTIONS, SERVING_OPTIONS, type ServingOption } from '../settings/option-groups.ts';
import { servingOf } from '../settings/serving.ts';
import type { Settings } from '../settings/settings.ts';
import { readPublicKeys } from '../trust/trusted-log-files.ts';

export const logServe = defineCommand({
  description:
    'Runs a transparency log with the Rekor v1 API, for provenance of charts, until it is interrupted. It keeps ' +
    'everything in one directory and starts a new log there if there is none. Whoever shall trust it needs the ' +
    'public key that it names, or its fingerprint for "log use" and "log pin". It takes entries from everybody ' +
    'who can reach it, unless --upload-token-file or --allow-signer says otherwise. After SIGHUP it reads the ' +
    'certificate and the tokens anew, and opens the access log anew. docs/private-log.md says how to run it.',
  examples: [
    'log serve --dir ./log',
    'log serve --dir /var/lib/chart-log --listen 127.0.0.1:0',
    'log serve --dir /var/lib/chart-log --listen 0.0.0.0:3000 --tls-cert log.pem --tls-key log.key --upload-token-file tokens',
  ],
  options: [...SERVING_OPTIONS, ...LOG_MAKING_OPTIONS],
  run: serveLog,
});

async function serveLog(
  _: readonly string[],
  settings: Settings<ServingOption | (typeof LOG_MAKING_OPTIONS)[number]>,
  context: RunContext,
): Promise<Answer> {
  const { stdout, stderr, now, interrupted, takeTime } = context;
  const { accessLog, ...serving } = servingOf(settings);
  const toStderr = async (text: string) => {
    stderr.print(text.trimEnd().split('\n'));
    await stderr.arrived();
  };
  const log = await startLogService({
    ...serving,
    made: logMakingOf(settings),
    accessLog: accessLog === '-' ? toStderr : accessLog,
    now,
    interrupted,
    warn: (text) => {
      stderr.warn(text);
    },
    onFailure: (error) => {
      writeDiagnosis(diagnose(error, isDebugging(context)), stderr);
    },
  });
  stdout.print([
    `Serving on ${log.url}`,
    `Public Key: ${log.publicKeyPath}`,
    ...fingerprintLines(await readPublicKeys(log.publicKeyPath)),
    `Tree ID: ${log.treeId}`,
    `Tree Size: ${log.size}`,
    ...log.frozen.map(({ treeId, size }) => `Frozen Tree: ${treeId}, ${size} entries`),
  ]);
  takeTime();
  const ending = asked(log, context);
  // A program that starts the log waits for these lines.
  const isKnown = (await stdout.failure()) === undefined;
  const ended = isKnown ? await Promise.race([log.mustEnd, ending]) : undefined;
  await log.close();
  if (ended !== undefined) throw ended;
  return { status: 0, text: [], document: {} };
}

/** Fulfilled when the log is asked to end. With files to read anew, SIGHUP asks for that. A second signal ends the process at once. */
async function asked(
  { reload }: LogService,
  { interrupted, passSignals }: RunContext,
): Promise<InputError | undefined> {
  if (interrupted.aborted) return undefined;
  const interruption = once(interrupted, 'abort');
  if (reload === undefined) await interruption;
  else
    await new Promise<void>((resolve) => {
      let reloading = Promise.resolve();
      const stop = passSignals((signal) => {
        if (signal === 'SIGHUP') reloading = reloading.then(reload);
        else {
          stop();
          resolve();
        }
      });
      void interruption.then(() => {
        resolve();
      });
    });
  return undefined;
}
