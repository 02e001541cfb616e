// A fetcher that reads the operation from the document that is sent.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';

function parseOrUndefined(text) {
  try {
    return parse(text);
  } catch {
    return undefined; // the gateway says what is wrong with it
  }
}

/** GraphiQL passes a name and a parsed document that lag behind its editor: right after a change of tabs they
 * are those of the previous tab. A document with a single operation needs no name from GraphiQL. */
export function createFetcher(options) {
  const fetcher = createGraphiQLFetcher(options);
  return (parameters, fetcherOptions) => {
    const document = parseOrUndefined(parameters.query);
    const operations = document?.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION) ?? [];
    const operationName = operations.length === 1 ? operations[0].name?.value : parameters.operationName;
    return fetcher({ ...parameters, operationName }, { ...fetcherOptions, documentAST: document });
  };
}
