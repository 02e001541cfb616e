// The licence texts of every package in the bundles.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice|thirdpartynotices)(\.|-|$)/i;
const RULE = '='.repeat(80);

/** `node_modules/a/node_modules/@b/c/d.js` belongs to the package `node_modules/a/node_modules/@b/c`. */
function packageFolder(input) {
  return input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
}

function declaration({ license, repository }) {
  return `The package contains no licence text and declares ${license}. Source: ${repository?.url ?? repository}`;
}

async function licenceOf(folder) {
  const about = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  const body = texts.length ? texts : [declaration(about)];
  return {
    name: `${about.name} ${about.version}`,
    text: body.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n'),
    licence: about.license,
  };
}

/** Returns one section for each package, sorted by name; `metafiles` are esbuild's. */
export async function thirdPartyLicences(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = [...new Set(inputs.map(packageFolder).filter(Boolean))];
  const licences = await Promise.all(folders.map(licenceOf));
  licences.sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = licences.map(({ name, licence, text }) => `${RULE}\n${name} (${licence})\n${RULE}\n\n${text}\n`);
  return `The pages in this folder contain the following packages.\n\n${sections.join('\n')}`;
}
