import { open, rm } from 'node:fs/promises';

/**
 * Writes a file, has it made durable and removes it: so many bytes can be written there now.
 * @throws the error of the file system
 */
export async function probeRoom(path: string, bytes: number): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(Buffer.alloc(bytes, 0x2e));
      await file.datasync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
