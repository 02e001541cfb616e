// One hash of all sources of the bundles; a test compares it with the committed sources.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

const SOURCES = /^(package(-lock)?\.json|[^/]+\.mjs|(graphiql|landing)\/[^/]+)$/;

/** SHA-256 of `name NUL contents NUL` of every source file, sorted by name. */
export async function hashOfSources() {
  const folders = ['.', 'graphiql', 'landing'];
  const listed = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => (folder === '.' ? name : `${folder}/${name}`))),
  );
  const hash = createHash('sha256');
  for (const name of listed.flat().filter((found) => SOURCES.test(found)).sort()) {
    hash.update(`${name}\0`).update(await readFile(name)).update('\0');
  }
  return hash.digest('hex');
}
