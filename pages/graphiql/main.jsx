// The GraphiQL page. The server writes its data (endpoint, example documents) into #page-data.
import './workers.js';
import './style.css';
import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { examplesPlugin } from './examples.jsx';
import { forgetFormerExamples } from './tabs.js';

const WELCOME = `# Write a query here; Ctrl+Space suggests what fits, Ctrl+Enter runs it.
# The sidebar has the documentation of every field and ready examples.
`;

/** The socket is at the same address as the endpoint, under its own scheme. */
function socketAddress(endpoint) {
  const address = new URL(endpoint, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** A link may carry a document: `?query=…&variables=…`. */
function linkedDocument() {
  const parameters = new URLSearchParams(location.search);
  return {
    initialQuery: parameters.get('query') ?? undefined,
    initialVariables: parameters.get('variables') ?? undefined,
  };
}

function Page({ endpoint, examples }) {
  return (
    <GraphiQL
      fetcher={createGraphiQLFetcher({ url: endpoint, subscriptionUrl: socketAddress(endpoint) })}
      plugins={[examplesPlugin(examples), HISTORY_PLUGIN]}
      visiblePlugin={location.hash === '#docs' ? DOC_EXPLORER_PLUGIN : undefined}
      defaultQuery={WELCOME}
      defaultTabs={examples.length ? examples : undefined}
      defaultEditorToolsVisibility="variables"
      inputValueDeprecation
      schemaDescription
      {...linkedDocument()}
    >
      <GraphiQL.Logo>
        <a className="home" href=".">
          Upgrade Gateway
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

const pageData = JSON.parse(document.getElementById('page-data').textContent);
forgetFormerExamples(localStorage, pageData.examples);
createRoot(document.getElementById('graphiql')).render(<Page {...pageData} />);
