// Changes to third-party style sheets for a page that loads files only from its own origin.
import { readFile } from 'node:fs/promises';

/** Drops the style sheets beside Monaco's modules, because GraphiQL's sheet already contains them. */
export const noStylesFromMonaco = {
  name: 'no-styles-from-monaco',
  setup(build) {
    build.onLoad({ filter: /monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'css' }));
  },
};

/** Drops 34 fonts that GraphiQL inlines as data URLs; `fonts.css` has the same families as files. */
export const noFontsInStyles = {
  name: 'no-fonts-in-styles',
  setup(build) {
    build.onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => {
      const sheet = await readFile(path, 'utf8');
      return { contents: sheet.replaceAll(/@font-face\s*\{[^}]*\}/g, ''), loader: 'css' };
    });
  },
};
