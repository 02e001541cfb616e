// Shows what /ready answers, and asks again while the page is looked at.
import './style.css';

const REFRESH_MS = 10_000;
const SENTENCES = {
  ready: 'Ready: requests are answered.',
  degraded: 'Degraded: requests are answered, not all of them fully.',
  unavailable: 'Unavailable: requests cannot be answered now.',
  unreachable: 'No answer from /ready: the gateway is not running or not in reach.',
};

const state = document.querySelector('#health .state');
const checks = document.querySelector('#health dl');

/** A 503 carries the same body as a 200; only a missing or foreign answer is unreachable. */
async function readiness() {
  try {
    const response = await fetch('ready', { cache: 'no-store' });
    return await response.json();
  } catch {
    return { status: 'unreachable', checks: {} };
  }
}

function element(name, text, status) {
  const made = document.createElement(name);
  made.textContent = text;
  if (status) made.dataset.status = status;
  return made;
}

/** Touched only when the sentence changes, so that a screen reader speaks on changes alone. */
function showState(status) {
  if (state.dataset.status === status) return;
  state.dataset.status = status;
  state.textContent = SENTENCES[status] ?? `/ready says: ${status}`;
}

async function refresh() {
  const { status, checks: found } = await readiness();
  showState(status);
  checks.replaceChildren(
    ...Object.entries(found ?? {}).flatMap(([name, check]) => [
      element('dt', name, check.status),
      element('dd', check.detail),
    ]),
  );
}

await refresh();
setInterval(() => document.hidden || refresh(), REFRESH_MS);
