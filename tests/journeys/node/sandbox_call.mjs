// A customer made and read again at a real account, by stripe-node as an application has it.

import http from "node:http";
import Stripe from "stripe";

const { HOST, PORT, KEY, FOREIGN } = process.env;
// Names below localhost mean this machine (RFC 6761), which not every resolver knows.
const lookup = (name, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const httpAgent = new http.Agent({ keepAlive: true, lookup });
const stripe = new Stripe(KEY, { host: HOST, port: Number(PORT), protocol: "http", httpAgent, maxNetworkRetries: 0 });

const made = await stripe.customers.create({ email: "ada@example.com", metadata: { order: "6735" } });
const found = await stripe.customers.retrieve(made.id);
const listed = await stripe.customers.list({ limit: 3 });
const foreign = await stripe.customers.retrieve(FOREIGN).catch((error) => ({ status: error.statusCode, code: error.code }));
console.log(JSON.stringify({
  id: made.id,
  metadata: found.metadata,
  listed: listed.data.map((each) => each.id),
  foreign,
  mode: found.lastResponse.headers["broker-mode"],
}));
