// One hash over what the bundles are made from; a test compares it with the committed sources.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

const INGREDIENTS = /^(package(-lock)?\.json|[^/]+\.mjs|(graphiql|landing)\/[^/]+)$/;

/** SHA-256 over `name NUL contents NUL` of every source file, in the order of their names. */
export async function hashOfSources() {
  const folders = ['.', 'graphiql', 'landing'];
  const listed = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((name) => (folder === '.' ? name : `${folder}/${name}`))),
  );
  const hash = createHash('sha256');
  for (const name of listed.flat().filter((found) => INGREDIENTS.test(found)).sort()) {
    hash.update(`${name}\0`).update(await readFile(name)).update('\0');
  }
  return hash.digest('hex');
}
