import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { pid, platform } from 'node:process';
import { sha256Hex } from '../digest.ts';
import { excerpt, formatTime } from '../encoding.ts';
import { messageOf } from '../errors.ts';

/** A lock that the kernel releases when this process ends, however it ends. */
export interface KernelLock {
  /** Gives the lock back. */
  release(): Promise<void>;
}

/** Another process, or this one, holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';

  /** @param holder `process 12 on host "a" since …` if the lock file says so, else "another process" */
  constructor(readonly holder: string) {
    super(`in use by ${holder}`);
  }
}

/** This system or this file system has no locks. */
export class LockUnavailableError extends Error {
  override readonly name = 'LockUnavailableError';
}

/**
 * Takes a lock on a file. The file is made if it is missing, and never removed: otherwise two processes could
 * hold locks on two files of the same name. The lock holds across containers and, if the file system supports
 * that, across hosts. The content of the file is only for people.
 * @throws LockHeldError, LockUnavailableError, and the error of the file system
 */
export async function lockFile(path: string): Promise<KernelLock> {
  if (platform === 'win32') return await lockPipe(path);
  const file = await openLocked(path);
  try {
    // If these differ, somebody removed the file between opening and locking.
    if ((await file.stat()).ino !== (await stat(path)).ino) throw new LockHeldError(UNKNOWN);
    await sayWhoHolds(file);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { release: () => file.close() };
}

const UNKNOWN = 'another process';
/** `O_EXLOCK` of macOS and the BSDs, which Node does not name: the lock comes with the open file. */
const O_EXLOCK = 0x20;
const O_RDWR_CREAT_NONBLOCK = 0x2 | 0x200 | 0x4;

async function openLocked(path: string): Promise<FileHandle> {
  if (platform === 'linux' || platform === 'android') return await openAndFlock(path);
  if (platform !== 'darwin' && !platform.endsWith('bsd'))
    throw new LockUnavailableError(`no way is known to lock a file on ${platform}`);
  try {
    return await open(path, O_RDWR_CREAT_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') throw new LockHeldError(await whoHolds(path));
    if (code === 'ENOTSUP' || code === 'EOPNOTSUPP') throw new LockUnavailableError(messageOf(error));
    throw error;
  }
}

/**
 * Node has no `flock(2)`: a child process locks the open file that it shares with us. The lock outlives the
 * child.
 */
async function openAndFlock(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { code, said } = await runFlock(file.fd);
    // Status 1 without a message means that the lock is held; with a message, locking failed.
    if (code === 1 && said === '') throw new LockHeldError(await whoHolds(path));
    if (code !== 0)
      throw new LockUnavailableError(`flock cannot lock ${path}: ${said || `status ${String(code)}`}`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function runFlock(fd: number): Promise<{ code: number | null; said: string }> {
  const child = spawn('flock', ['-n', '-x', '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(0, 300)));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: said.trim() };
  } catch (error) {
    throw new LockUnavailableError(`expected the program flock, found none: ${messageOf(error)}`);
  }
}

/** The lock on Windows is a named pipe: a name can be used only once, and the pipe ends with its process. */
async function lockPipe(path: string): Promise<KernelLock> {
  await (await open(path, 'a', 0o600)).close();
  const name = sha256Hex(Buffer.from((await realpath(path)).toLowerCase()));
  const server = createServer((socket) => socket.destroy());
  server.listen(`\\\\.\\pipe\\helm-sigstore-${name}`).unref();
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new LockHeldError(UNKNOWN);
    throw new LockUnavailableError(messageOf(error));
  }
  return {
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Notes the holder for people; a full disk does no harm here. */
async function sayWhoHolds(file: FileHandle): Promise<void> {
  try {
    await file.truncate(0);
    await file.write(`process ${pid} on host ${excerpt(hostname())}\n`, 0);
  } catch {
    return;
  }
}

async function whoHolds(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    const holder = /^(process [0-9]+ on host "[\x20-\x7e]*")\n$/.exec(text)?.[1];
    if (holder === undefined) return UNKNOWN;
    // It was written when the lock was taken.
    return `${holder} since ${formatTime(Math.floor((await file.stat()).mtimeMs / 1000))}`;
  } finally {
    await file.close();
  }
}
