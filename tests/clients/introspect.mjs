// Reads the graph as code generators do and prints how many types it has.
// usage: node introspect.mjs URL
import { buildClientSchema, getIntrospectionQuery } from 'graphql';

const [, , url] = process.argv;
// GraphQL Code Generator announces zstd, which fetch cannot decode before Node 24.
const answer = await fetch(url, {
  method: 'POST',
  headers: {
    accept: 'application/json, multipart/mixed',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'content-type': 'application/json',
  },
  body: JSON.stringify({ query: getIntrospectionQuery() }),
});
const { data } = await answer.json();
const types = Object.keys(buildClientSchema(data).getTypeMap());
console.log(JSON.stringify({ coding: answer.headers.get('content-encoding'), types: types.length }));
