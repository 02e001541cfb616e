// Runs compiled artifacts with Relay's runtime, as docs/guides/clients.md configures it.
// usage: node relay.mjs FOLDER URL OFFER_ID
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , folder, url, offerId] = process.argv;
const load = async (name) => (await import(pathToFileURL(`${folder}/${name}`))).default;
const { createEnvironment } = await import(pathToFileURL(`${folder}/environment.mjs`));
const { fetchQuery } = createRequire(import.meta.url)('relay-runtime');
const environment = createEnvironment(url);

const offers = await load('src/__generated__/OffersQuery.graphql.mjs');
const asked = await fetchQuery(environment, offers, { id: offerId }).toPromise();
const refetch = await load('src/__generated__/OfferRefetchQuery.graphql.mjs');
const again = await fetchQuery(environment, refetch, { nodeId: asked.us.nodeId }).toPromise();
const records = environment.getStore().getSource().getRecordIDs();
console.log(JSON.stringify({ asked, again, records, id: refetch.params.id }));
