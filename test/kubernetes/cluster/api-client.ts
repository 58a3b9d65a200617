import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import type { ApiAddress } from './api-server.ts';

/** What a server answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** Something that a namespace has, as far as the tests look at it. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** A client of the Kubernetes API that shares no code with Helm. */
export class ApiClient {
  constructor(private readonly address: ApiAddress) {}

  /** Asks for a path. @throws when there is no answer */
  async get(path: string): Promise<ApiAnswer> {
    const { url, authority: ca, token } = this.address;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${url}${path}`, { ca, agent: false, headers: { authorization: `Bearer ${token}` } }, resolve)
        .on('error', reject)
        .end();
    });
    return { status: answer.statusCode ?? 0, body: await text(answer) };
  }

  /** All of one kind, such as `configmaps`, in the order of their names. @throws with what the server says instead */
  async list(kind: 'configmaps' | 'secrets', namespace: string): Promise<readonly ApiObject[]> {
    const { status, body } = await this.get(`/api/v1/namespaces/${namespace}/${kind}`);
    if (status !== 200) throw new Error(`${kind} of ${namespace}: status ${status}: ${body}`);
    return (JSON.parse(body) as { items: ApiObject[] }).items;
  }
}
