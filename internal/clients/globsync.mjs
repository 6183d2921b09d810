// The conformance suite imports fs.globSync, which Node.js has from version 22 on; it
// calls it for suites of clients only. On an older Node.js this stands in for it.
import fs from 'node:fs';
import { register } from 'node:module';

if (!fs.globSync) {
  const stand = "export * from 'node:fs'; export { default } from 'node:fs'; export const globSync = () => { throw new Error('needs Node.js 22'); };";
  register('data:text/javascript,' + encodeURIComponent(`
    const stand = ${JSON.stringify('data:text/javascript,' + encodeURIComponent(stand))};
    export async function resolve(specifier, context, next) {
      const fs = specifier === 'fs' || specifier === 'node:fs';
      return fs && context.parentURL?.includes('/conformance/dist/') ? { shortCircuit: true, url: stand } : next(specifier, context);
    }`), import.meta.url);
}
