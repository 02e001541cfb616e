// Runs queries with @defer and @stream with one public client and prints the data it ends up with.
// usage: node incremental.mjs CLIENT URL QUERY…
const [, , name, url, ...documents] = process.argv;

async function urql() {
  const { Client, fetchExchange, gql } = await import('@urql/core');
  const client = new Client({ url, exchanges: [fetchExchange], preferGetMethod: false });
  return (text) =>
    new Promise((resolve, reject) => {
      client.query(gql(text), {}).subscribe((result) => {
        if (result.error) reject(result.error);
        else if (!result.hasNext) resolve(result.data);
      });
    });
}

async function apollo(handlerName) {
  const { ApolloClient, HttpLink, InMemoryCache, gql } = await import('@apollo/client');
  const handlers = await import('@apollo/client/incremental');
  const client = new ApolloClient({
    link: new HttpLink({ uri: url }),
    cache: new InMemoryCache(),
    incrementalHandler: new handlers[handlerName](),
  });
  return async (text) => {
    const result = await client.query({ query: gql(text), fetchPolicy: 'no-cache' });
    return result.data;
  };
}

const clients = {
  urql,
  'Apollo Client, format of 2022': () => apollo('Defer20220824Handler'),
  'Apollo Client, format of 2023': () => apollo('GraphQL17Alpha9Handler'),
};
const run = await clients[name]();
const heard = [];
for (const document of documents) heard.push(await run(document));
console.log(JSON.stringify(heard));
