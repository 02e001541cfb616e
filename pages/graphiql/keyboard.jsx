// The keyboard works without a click: the editor has the focus when the page has loaded, and
// Ctrl+Enter runs its document wherever the focus has gone, such as to a tab.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { Kind, parse } from 'graphql';
import { useEffect } from 'react';

const isInEditor = (target) => target instanceof Element && target.closest('.monaco-editor') !== null;

/** The name of the document's operation, or undefined where it has none or several. */
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
    const isFocusFree = document.activeElement === null || document.activeElement === document.body;
    if (isFocusFree) queryEditor?.focus();
  }, [queryEditor]);

  useEffect(() => {
    const runOnShortcut = (event) => {
      const isShortcut = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isShortcut || event.repeat || isInEditor(event.target)) return; // editors run by themselves
      event.preventDefault();
      // GraphiQL learns it with a delay, and would ask for the operation of the former tab.
      const name = operationNameIn(queryEditor?.getValue() ?? '');
      if (name) setOperationName(name);
      run();
    };
    // Before a button takes Enter for a click.
    document.addEventListener('keydown', runOnShortcut, true);
    return () => document.removeEventListener('keydown', runOnShortcut, true);
  }, [queryEditor, run, setOperationName]);

  return null;
}
