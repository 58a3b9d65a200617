// Requests to a log, as bytes that a client only has to send.

/**
 * @param {string} target
 * @param {string} [json] the body of a POST; without one it is a GET
 */
export function requestOf(target, json) {
  const head = `${json === undefined ? 'GET' : 'POST'} ${target} HTTP/1.1\r\nhost: log\r\naccept: application/json\r\n`;
  if (json === undefined) return Buffer.from(`${head}\r\n`);
  const length = Buffer.byteLength(json);
  return Buffer.from(`${head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${json}`);
}

/**
 * Requests as one file: each behind its length.
 * @param {readonly Buffer[]} requests
 */
export function fileOf(requests) {
  return Buffer.concat(
    requests.flatMap((request) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(request.length);
      return [length, request];
    }),
  );
}

/**
 * The requests of a file.
 * @param {Buffer} file
 */
export function requestsIn(file) {
  const requests = [];
  for (let at = 0; at < file.length;) {
    const start = at + 4;
    at = start + file.readUInt32BE(at);
    requests.push(file.subarray(start, at));
  }
  return requests;
}
