// A process that serves a log until it is ended, and prints its URL: LOG_MODULE DIRECTORY
const [, , module = '', directory = ''] = process.argv;
/** @type {typeof import('../../../src/embedded-log/service/server.ts')} */
const { startEmbeddedLog } = await import(module);

const log = await startEmbeddedLog({
  directory,
  host: '127.0.0.1',
  port: 0,
  now: () => Math.floor(Date.now() / 1000),
  onFailure: (error) => console.error(error),
});
console.log(log.url);
process.once('SIGTERM', () => void log.close().then(() => process.exit()));
