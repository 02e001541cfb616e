// GraphiQL stores its tabs in the browser. Stored example documents contain ids of an earlier sandbox.
// If the running sandbox has other ids, those tabs are replaced by the current examples.

const TABS = 'graphiql:tabState'; // GraphiQL's own key
const EXAMPLES = 'upgrade-gateway:examples';
const EDITOR_CONTENTS = ['graphiql:query', 'graphiql:variables']; // of the active tab

const textOf = ({ query, variables }) => JSON.stringify([query, variables ?? '']);

/** Returns the tabs without unedited stale examples, or null if no other tab is left. */
export function ownTabs({ tabs, activeTabIndex }, staleExamples) {
  const stale = new Set(staleExamples.map(textOf));
  const own = tabs.filter((tab) => !stale.has(textOf(tab)));
  return own.length ? { tabs: own, activeTabIndex: Math.min(activeTabIndex, own.length - 1) } : null;
}

function replaceTabs(storage, state) {
  EDITOR_CONTENTS.forEach((key) => storage.removeItem(key));
  if (state) storage.setItem(TABS, JSON.stringify(state));
  else storage.removeItem(TABS);
}

/** Returns null if the stored text is not JSON, for example if another program wrote it. */
function readStored(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

/** Must run before GraphiQL reads its tabs. */
export function removeStaleExamples(storage, examples) {
  const stale = readStored(storage, EXAMPLES);
  const state = readStored(storage, TABS);
  storage.setItem(EXAMPLES, JSON.stringify(examples));
  if (!Array.isArray(stale) || !Array.isArray(state?.tabs)) return;
  if (JSON.stringify(stale) !== JSON.stringify(examples)) {
    replaceTabs(storage, ownTabs(state, stale));
  }
}
