// Bundles the pages into ../gateway/static: hashed files, the HTML around them, a manifest and
// the licences. The same sources and lock file give the same bytes.
import { mkdir, rm, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { thirdPartyLicences } from './licences.mjs';
import { hashOfSources } from './sources.mjs';
import { noFontsInStyles, noStylesFromMonaco } from './styles.mjs';

const OUTPUT = '../gateway/static';
const LICENCES = 'THIRD_PARTY_LICENSES.txt';
const PAGES = ['graphiql', 'landing'];

const WORKERS = {
  'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
  'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
};

// Monaco's widget as a separate entry makes esbuild put its dependencies into shared chunks, so that no
// file is too large for the repository or a slow connection. The entry itself is not used.
const CHUNK_BOUNDARY = 'monaco-widget';

const ENTRIES = {
  graphiql: './graphiql/main.jsx',
  landing: './landing/main.js',
  favicon: './landing/favicon.svg',
  [CHUNK_BOUNDARY]: 'monaco-editor/esm/vs/editor/browser/widget/codeEditor/codeEditorWidget.js',
};

const shared = {
  bundle: true,
  minify: true,
  target: 'es2022',
  legalComments: 'none', // they are in the licences file
  outdir: OUTPUT,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  metafile: true,
  write: false,
  define: { 'process.env.NODE_ENV': '"production"' },
};

function buildWorkers() {
  return build({ ...shared, entryPoints: WORKERS, format: 'iife' });
}

function buildPages(workers) {
  return build({
    ...shared,
    entryPoints: ENTRIES,
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    loader: { '.svg': 'copy', '.ttf': 'file', '.woff2': 'file' },
    plugins: [noStylesFromMonaco, noFontsInStyles],
    define: { ...shared.define, WORKER_FILES: JSON.stringify(workers) },
  });
}

/** `graphiql-1A2B3C4D.js` becomes `graphiql.js`; chunks keep their names. */
function logicalName(file) {
  return file.startsWith('chunk-') ? file : file.replace(/-[0-9A-Z]{8}(\.[a-z0-9]+)$/, '$1');
}

function manifestOf(results) {
  const outputs = results.flatMap((result) => result.outputFiles);
  return Object.fromEntries(
    outputs
      .filter(({ contents }) => contents.length > 0) // dropped styles leave empty sheets
      .map((output) => path.basename(output.path))
      .filter((file) => !file.startsWith(CHUNK_BOUNDARY))
      .map((file) => [logicalName(file), file])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

async function writePage(page, manifest) {
  const source = await readFile(`${page}/index.html`, 'utf8');
  const html = source.replaceAll(/\{\{(.+?)\}\}/g, (_, name) => {
    if (!manifest[name]) throw new Error(`${page}/index.html refers to ${name}, which no entry builds`);
    return `static/${manifest[name]}`;
  });
  await writeFile(`${OUTPUT}/${page}.html`, html);
}

const workers = await buildWorkers();
const pages = await buildPages(manifestOf([workers]));
const manifest = manifestOf([workers, pages]);

await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });
const used = new Set(Object.values(manifest));
for (const { path: target, contents } of [...workers.outputFiles, ...pages.outputFiles]) {
  if (used.has(path.basename(target))) await writeFile(target, contents);
}
await Promise.all(PAGES.map((page) => writePage(page, manifest)));
await writeFile(
  `${OUTPUT}/manifest.json`,
  `${JSON.stringify({ sources: await hashOfSources(), files: manifest }, null, 2)}\n`,
);
await writeFile(`${OUTPUT}/${LICENCES}`, await thirdPartyLicences([workers.metafile, pages.metafile]));
