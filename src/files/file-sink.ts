import { open } from 'node:fs/promises';

/** A new file that is written piece by piece, for its user alone. What was at the path before is lost. */
export async function openFileSink(path: string): Promise<{
  readonly write: (piece: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const file = await open(path, 'w', 0o600);
  return {
    write: async (piece) => {
      for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
    },
    close: () => file.close(),
  };
}
