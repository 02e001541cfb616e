// Keyboard use without a click: the editor gets the focus when the page has loaded, and Ctrl+Enter
// runs its document even if the focus is elsewhere, such as on a tab.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

const isInEditor = (target) => target instanceof Element && target.closest('.monaco-editor') !== null;

export function Keyboard() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const { run } = useGraphiQLActions();

  useEffect(() => {
    const hasNoFocus = document.activeElement === null || document.activeElement === document.body;
    if (hasNoFocus) queryEditor?.focus();
  }, [queryEditor]);

  useEffect(() => {
    const runOnShortcut = (event) => {
      const isShortcut = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
      if (!isShortcut || event.repeat || isInEditor(event.target)) return; // editors handle it themselves
      event.preventDefault();
      run();
    };
    // In the capture phase, before a button treats Enter as a click.
    document.addEventListener('keydown', runOnShortcut, true);
    return () => document.removeEventListener('keydown', runOnShortcut, true);
  }, [run]);

  return null;
}
