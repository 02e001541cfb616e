// The GraphiQL page. The server writes its data (endpoint, example documents) into #page-data.
import './styles.js'; // before anything that creates styles
import './workers.js';
import './style.css';
import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { examplesPlugin } from './examples.jsx';
import { createFetcher } from './fetcher.js';
import { Keyboard } from './keyboard.jsx';
import { removeStaleExamples } from './tabs.js';

/** The WebSocket URL differs from the endpoint only in its scheme. */
function webSocketUrl(endpoint) {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** A URL may contain a document (`?query=…&variables=…`), which becomes the first tab. */
function linkedDocument() {
  const parameters = new URLSearchParams(location.search);
  const query = parameters.get('query');
  return query === null ? undefined : { query, variables: parameters.get('variables') ?? '' };
}

function Page({ endpoint, examples }) {
  const linked = linkedDocument();
  const tabs = linked ? [linked, ...examples] : examples;
  return (
    <GraphiQL
      fetcher={createFetcher({ url: endpoint, subscriptionUrl: webSocketUrl(endpoint) })}
      plugins={[examplesPlugin(examples), HISTORY_PLUGIN]}
      visiblePlugin={location.hash === '#docs' ? DOC_EXPLORER_PLUGIN : undefined}
      defaultTabs={tabs.length ? tabs : undefined}
      initialQuery={linked?.query}
      initialVariables={linked?.variables}
      defaultEditorToolsVisibility="variables"
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <a className="home" href=".">
          Upgrade Gateway
        </a>
        <Keyboard />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

const pageData = JSON.parse(document.getElementById('page-data').textContent);
removeStaleExamples(localStorage, pageData.examples);
createRoot(document.getElementById('graphiql')).render(<Page {...pageData} />);
