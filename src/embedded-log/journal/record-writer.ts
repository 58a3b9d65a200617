import { signWith } from '../../tlog/log-key.ts';
import type { SigningKey } from '../key-file.ts';
import { formatRecord, sealedBytes, type Chain, type LogRecord } from './record.ts';

/** Records as bytes, one behind the other. */
export class RecordWriter {
  private lines: Uint8Array[] = [];

  constructor(
    /** The chain of the last record. */
    public chain: Chain,
    private readonly signer: SigningKey,
  ) {}

  /** Adds a record; returns the length of its line. */
  add(record: LogRecord): number {
    const { line, chain } = formatRecord(record, this.chain);
    this.lines.push(line);
    this.chain = chain;
    return line.length;
  }

  /** Closes a batch with the checkpoint of its tree, and the log's signature over the whole file so far. */
  seal(checkpoint: string): void {
    const signature = signWith(this.signer.privateKey, sealedBytes(this.chain, checkpoint));
    this.add({ seal: { checkpoint, signature } });
  }

  /** The bytes added since the last call. */
  take(): Uint8Array {
    const bytes = Buffer.concat(this.lines);
    this.lines = [];
    return bytes;
  }
}
