/** Whether these tests are of the standalone executable, and not of the plugin for Node. */
export function isStandalone(): boolean {
  const product = process.env['HELM_SIGSTORE_PRODUCT'] ?? 'node';
  if (product !== 'node' && product !== 'standalone')
    throw new Error(`expected HELM_SIGSTORE_PRODUCT to be node or standalone, found ${product}`);
  return product === 'standalone';
}
