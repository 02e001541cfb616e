// Keyboard use without a click: the editor gets the focus when the page has loaded, and Ctrl+Enter
// runs its document even if the focus is elsewhere, such as on a tab.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { Kind, parse } from 'graphql';
import { useEffect } from 'react';

const isInEditor = (target) => target instanceof Element && target.closest('.monaco-editor') !== null;

/** The name of the document's operation, or undefined if it has none or several. */
function operationNameIn(text) {
  try {
    const operations = parse(text).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return operations.length === 1 ? operations[0].name?.value : undefined;
  } catch {
    return undefined;
  }
}

export function Keyboard() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const { run, setOperationName } = useGraphiQLActions();

  useEffect(() => {
    const hasNoFocus = document.activeElement === null || document.activeElement === document.body;
    if (hasNoFocus) queryEditor?.focus();
  }, [queryEditor]);

  useEffect(() => {
    const runOnShortcut = (event) => {
      const isShortcut = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isShortcut || event.repeat || isInEditor(event.target)) return; // editors handle it themselves
      event.preventDefault();
      // GraphiQL updates it with a delay, and would run the operation of the previous tab.
      const name = operationNameIn(queryEditor?.getValue() ?? '');
      if (name) setOperationName(name);
      run();
    };
    // In the capture phase, before a button treats Enter as a click.
    document.addEventListener('keydown', runOnShortcut, true);
    return () => document.removeEventListener('keydown', runOnShortcut, true);
  }, [queryEditor, run, setOperationName]);

  return null;
}
