// GraphiQL keeps its tabs in the browser. Example documents among them name ids of the sandbox that
// ran then; when it runs with other ids, those tabs go and the new examples come.

const TABS = 'graphiql:tabState'; // GraphiQL's own key
const EXAMPLES = 'upgrade-gateway:examples';
const EDITOR_CONTENTS = ['graphiql:query', 'graphiql:variables']; // what the active tab held

const textOf = ({ query, variables }) => JSON.stringify([query, variables ?? '']);

/** The tabs without unedited former examples, or null when none of the reader's own is left. */
export function ownTabs({ tabs, activeTabIndex }, formerExamples) {
  const former = new Set(formerExamples.map(textOf));
  const own = tabs.filter((tab) => !former.has(textOf(tab)));
  return own.length ? { tabs: own, activeTabIndex: Math.min(activeTabIndex, own.length - 1) } : null;
}

function replaceTabs(storage, state) {
  EDITOR_CONTENTS.forEach((key) => storage.removeItem(key));
  if (state) storage.setItem(TABS, JSON.stringify(state));
  else storage.removeItem(TABS);
}

/** What another program or an older version left under the key may be anything: then it is nothing. */
function stored(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

/** Call before GraphiQL reads its tabs. */
export function forgetFormerExamples(storage, examples) {
  const former = stored(storage, EXAMPLES);
  const state = stored(storage, TABS);
  storage.setItem(EXAMPLES, JSON.stringify(examples));
  if (!Array.isArray(former) || !Array.isArray(state?.tabs)) return;
  if (JSON.stringify(former) !== JSON.stringify(examples)) {
    replaceTabs(storage, ownTabs(state, former));
  }
}
