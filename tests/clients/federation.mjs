// Composes the gateway with a second subgraph, and queries both through Apollo's gateway for node
// and through the library of Hive Gateway.
// usage: node federation.mjs URL QUERY; prints the problems of each composition and the responses.
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { composeServices as composeWithHive } from '@theguild/federation-composition';
import { buildHTTPExecutor } from '@graphql-tools/executor-http';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import { execute, parse } from 'graphql';

const [, , url, query] = process.argv;
const notes = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  type Query { pinned(ids: [ID!]!): [Customer!]! }
  type Customer @key(fields: "id") { id: ID!, note: String! }
  type Offer @key(fields: "nodeId") { nodeId: ID!, stars: Int! }
`);
const resolvers = {
  Query: { pinned: (_, { ids }) => ids.map((id) => ({ id })) },
  Customer: { note: ({ id }) => `note on ${id}` },
  Offer: { stars: ({ nodeId }) => nodeId.length },
};

const response = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: '{ _service { sdl } }' }),
});
const { sdl } = (await response.json()).data._service;
const servicesOf = (text) => [
  { name: 'upgrades', url, typeDefs: parse(text) },
  { name: 'notes', url: 'http://notes.test', typeDefs: notes },
];
const composedByHive = composeWithHive(servicesOf(sdl));
const problems = {
  apollo: (composeServices(servicesOf(sdl)).errors ?? []).map(String),
  hive: (composedByHive.errors ?? []).map(String),
};
// This router refuses what it cannot enforce; the gateway enforces it anyway.
const unscoped = sdl.replace(/ @requiresScopes\([^)]*\)/g, '').replace('"@requiresScopes", ', '');
const composed = composeServices(servicesOf(unscoped));
const router = new ApolloGateway({
  supergraphSdl: composed.supergraphSdl,
  buildService: ({ name, url }) =>
    name === 'notes'
      ? new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: notes, resolvers }))
      : new RemoteGraphQLDataSource({ url }),
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const { executor } = await router.load();
const result = await executor({
  document: parse(query),
  request: { query },
  queryHash: query,
  context: {},
  cache: new Map(),
  schema: router.schema,
});
await router.stop();

const notesSchema = buildSubgraphSchema({ typeDefs: notes, resolvers });
const stitched = getStitchedSchemaFromSupergraphSdl({
  supergraphSdl: composedByHive.supergraphSdl,
  onSubschemaConfig(subschema) {
    subschema.executor =
      subschema.name === 'NOTES'
        ? ({ document, variables }) =>
            execute({ schema: notesSchema, document, variableValues: variables })
        : buildHTTPExecutor({ endpoint: url });
  },
});
const hive = await execute({ schema: stitched, document: parse(query) });
console.log(JSON.stringify({ problems, sdl, apollo: result, hive }));
