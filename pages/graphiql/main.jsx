// The GraphiQL page. The server writes its data (endpoint, example documents) into #page-data.
import './styles.js'; // before anything that writes styles
import './workers.js';
import './style.css';
import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { examplesPlugin } from './examples.jsx';
import { Keyboard } from './keyboard.jsx';
import { forgetFormerExamples } from './tabs.js';

/** The socket is at the same address as the endpoint, under its own scheme. */
function socketAddress(endpoint) {
  const address = new URL(endpoint, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** A link may carry a document, which comes first: `?query=…&variables=…`. */
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
      fetcher={createGraphiQLFetcher({ url: endpoint, subscriptionUrl: socketAddress(endpoint) })}
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
forgetFormerExamples(localStorage, pageData.examples);
createRoot(document.getElementById('graphiql')).render(<Page {...pageData} />);
