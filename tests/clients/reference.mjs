// Runs a query, a mutation and a subscription with one public client and prints what it heard.
// usage: node reference.mjs CLIENT URL QUERY MUTATION SUBSCRIPTION
import WebSocket from 'ws';

const [, , name, url, ...documents] = process.argv;
const socketUrl = url.replace(/^http/, 'ws');

/** Collects everything an observable-like `subscribe(sink)` yields. */
function collected(subscribe) {
  return new Promise((resolve, reject) => {
    const heard = [];
    subscribe({
      next: (result) => heard.push(result.data),
      error: reject,
      complete: () => resolve(heard),
    });
  });
}

async function graphqlWs() {
  const { createClient } = await import('graphql-ws');
  const client = createClient({ url: socketUrl, webSocketImpl: WebSocket });
  const run = (query) => collected((sink) => client.subscribe({ query }, sink));
  return { run, end: () => client.dispose() };
}

async function graphqlSse(singleConnection) {
  const { createClient } = await import('graphql-sse');
  const client = createClient({ url, singleConnection });
  const run = (query) => collected((sink) => client.subscribe({ query }, sink));
  return { run, end: () => client.dispose() };
}

async function urql() {
  const { Client, fetchExchange, gql } = await import('@urql/core');
  const client = new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });
  const run = async (text) => {
    const document = gql(text);
    if (text.startsWith('subscription')) {
      return collected((sink) => {
        const { unsubscribe } = client.subscription(document, {}).subscribe((result) => {
          if (result.error) sink.error(result.error);
          if (result.hasNext) sink.next(result); // urql repeats the last one without it
          else {
            setTimeout(() => unsubscribe());
            sink.complete();
          }
        });
      });
    }
    const operation = text.startsWith('mutation') ? client.mutation(document, {}) : client.query(document, {});
    const result = await operation.toPromise();
    if (result.error) throw result.error;
    return [result.data];
  };
  return { run, end: () => {} };
}

async function apollo() {
  const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = await import('@apollo/client');
  const { GraphQLWsLink } = await import('@apollo/client/link/subscriptions');
  const { OperationTypeNode } = await import('graphql');
  const { createClient } = await import('graphql-ws');
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const run = async (text) => {
    const document = gql(text);
    if (text.startsWith('subscription')) {
      return collected((sink) => client.subscribe({ query: document, fetchPolicy: 'no-cache' }).subscribe(sink));
    }
    const result = text.startsWith('mutation')
      ? await client.mutate({ mutation: document })
      : await client.query({ query: document });
    return [result.data];
  };
  return { run, end: () => socket.dispose() };
}

const clients = {
  'graphql-ws': graphqlWs,
  'graphql-sse': () => graphqlSse(false),
  'graphql-sse, single connection': () => graphqlSse(true),
  urql,
  'Apollo Client': apollo,
};
const client = await clients[name]();
const heard = [];
for (const document of documents) heard.push(await client.run(document));
await client.end();
console.log(JSON.stringify(heard));
