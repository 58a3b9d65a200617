import { X509Certificate } from 'node:crypto';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';

/** A running timestamp authority (RFC 3161). */
export interface TimestampAuthority {
  /** Where timestamps are asked for. */
  readonly url: string;
  /** That of its key, which it makes when it starts, and those above it. */
  readonly chain: readonly X509Certificate[];
  readonly part: Part;
}

export async function startTimestampAuthority(
  command: string,
  directory: string,
): Promise<TimestampAuthority> {
  const port = await freePort();
  const argv = [
    'serve',
    '--host=127.0.0.1',
    `--port=${port}`,
    '--timestamp-signer=memory',
    '--disable-ntp-monitoring',
  ];
  const part = await Part.start({ command, argv, directory, name: 'timestamp-server', port });
  const url = `http://127.0.0.1:${port}/api/v1/timestamp`;
  try {
    const answer = await fetch(`${url}/certchain`);
    const certificates = (await answer.text()).match(/-----BEGIN [^]+?-----END CERTIFICATE-----/g);
    if (!certificates) throw new Error(`the timestamp authority shows no chain: status ${answer.status}`);
    return { url, chain: certificates.map((each) => new X509Certificate(each)), part };
  } catch (error) {
    await part.kill();
    throw error;
  }
}
