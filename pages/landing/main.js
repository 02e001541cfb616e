// Shows the response of /ready, and refreshes it while the page is visible.
import './style.css';

const REFRESH_MS = 10_000;
const SENTENCES = {
  ready: 'Ready to serve requests.',
  degraded: 'Degraded: some requests fail.',
  unavailable: 'Unavailable: requests cannot be served.',
  unreachable: '/ready did not respond: the gateway is not running or cannot be reached.',
};

const state = document.querySelector('#health .state');
const checks = document.querySelector('#health dl');

/** A 503 has the same body as a 200; anything else counts as unreachable. */
async function fetchReadiness() {
  try {
    const response = await fetch('ready', { cache: 'no-store' });
    return await response.json();
  } catch {
    return { status: 'unreachable', checks: {} };
  }
}

function createElement(name, text, status) {
  const created = document.createElement(name);
  created.textContent = text;
  if (status) created.dataset.status = status;
  return created;
}

/** Changes the text only with the status, so that screen readers announce only changes. */
function showState(status) {
  if (state.dataset.status === status) return;
  state.dataset.status = status;
  state.textContent = SENTENCES[status] ?? `Status: ${status}`;
}

async function refresh() {
  const { status, checks: found } = await fetchReadiness();
  showState(status);
  checks.replaceChildren(
    ...Object.entries(found ?? {}).flatMap(([name, check]) => [
      createElement('dt', name, check.status),
      createElement('dd', check.detail),
    ]),
  );
}

await refresh();
setInterval(() => document.hidden || refresh(), REFRESH_MS);
