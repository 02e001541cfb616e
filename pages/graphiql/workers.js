// Tells Monaco where its workers are. build.mjs puts their hashed names into WORKER_FILES.
/* global WORKER_FILES */

globalThis.MonacoEnvironment = {
  getWorker(_moduleId, label) {
    const file = WORKER_FILES[`${label}.worker.js`] ?? WORKER_FILES['editor.worker.js'];
    return new Worker(new URL(file, import.meta.url), { name: label });
  },
};
