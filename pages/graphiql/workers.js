// The locations of Monaco's workers. build.mjs defines WORKER_FILES with their hashed names.
/* global WORKER_FILES */

globalThis.MonacoEnvironment = {
  getWorker(_moduleId, label) {
    const file = WORKER_FILES[`${label}.worker.js`] ?? WORKER_FILES['editor.worker.js'];
    return new Worker(new URL(file, import.meta.url), { name: label });
  },
};
