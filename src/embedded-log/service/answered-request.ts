/** A request, and what became of it. */
export interface AnsweredRequest {
  /** The address of the client, or of the proxy before it; empty where that is not known. */
  readonly remote: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** The pattern of the path, of which there are few. */
  readonly route: string;
  /** 499: the client went away before there was an answer. */
  readonly status: number;
  /** The length of the body. */
  readonly bytes: number;
  readonly milliseconds: number;
}
