// What the vendors' style sheets need before they fit a page that loads files from its own origin only.
import { readFile } from 'node:fs/promises';

/** GraphiQL's own sheet holds Monaco's styles; the copies beside Monaco's modules would come twice. */
export const noStylesFromMonaco = {
  name: 'no-styles-from-monaco',
  setup(build) {
    build.onLoad({ filter: /monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'css' }));
  },
};

/** GraphiQL inlines 34 font files as data addresses; `fonts.css` brings the same families as files. */
export const noFontsInStyles = {
  name: 'no-fonts-in-styles',
  setup(build) {
    build.onLoad({ filter: /graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => {
      const sheet = await readFile(path, 'utf8');
      return { contents: sheet.replaceAll(/@font-face\s*\{[^}]*\}/g, ''), loader: 'css' };
    });
  },
};
