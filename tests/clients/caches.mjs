// Reads one offer in two markets, and again by its nodeId, with a client that docs/guides/clients.md configures.
// usage: node caches.mjs CLIENT FOLDER URL QUERY MUTATION
// Prints the answers, and what is read from the cache alone afterwards.
import { pathToFileURL } from 'node:url';

const [, , name, folder, url, query, mutation] = process.argv;
const { createClient } = await import(pathToFileURL(`${folder}/${name}.mjs`));
const client = createClient(url);

async function urql() {
  const { gql } = await import('@urql/core');
  const asked = await client.query(gql(query), {}).toPromise();
  const again = await client.query(gql(query), {}, { requestPolicy: 'cache-only' }).toPromise();
  const changed = await client.mutation(gql(mutation), {}).toPromise();
  return [asked, again, changed].map(({ data, error }) => ({ data, error: error?.message }));
}

async function apollo() {
  const { gql } = await import('@apollo/client');
  const asked = await client.query({ query: gql(query) });
  const again = await client.query({ query: gql(query), fetchPolicy: 'cache-only' });
  const changed = await client.mutate({ mutation: gql(mutation) });
  return [asked, again, changed].map(({ data, error }) => ({ data, error: error?.message }));
}

console.log(JSON.stringify(await { urql, apollo }[name]()));
