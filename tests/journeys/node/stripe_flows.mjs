// Billing, money back and webhooks with the official stripe-node, unmodified: a small shop whose webhook handler verifies
// signatures, and acts on what it is told. It prints what it did as JSON.
import http from "node:http";
import Stripe from "stripe";

const { KEY, SECRET, HOST, PORT, LISTEN } = process.env;
const lookup = (name, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const agent = new http.Agent({ keepAlive: true, lookup });
const stripe = new Stripe(KEY, { host: HOST, port: Number(PORT), protocol: "http", httpAgent: agent, maxNetworkRetries: 3 });

const fulfilled = new Set();
const told = [];
let forged = 0;
const shop = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    try {
      const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers["stripe-signature"], SECRET);
      told.push(event.type);
      if (event.type === "payment_intent.succeeded") fulfilled.add(event.data.object.metadata.order);
      response.writeHead(200).end();
    } catch {
      forged += 1;
      response.writeHead(400).end();
    }
  });
});
await new Promise((done) => shop.listen(Number(LISTEN), "127.0.0.1", done));

const until = async (condition) => {
  for (let time = 0; time < 300 && !condition(); time++) await new Promise((done) => setTimeout(done, 50));
  return condition();
};

const DAY = 86400;
const START = 1772366400;
const terms = { automatic_payment_methods: { enabled: true, allow_redirects: "never" }, confirm: true };

// An order that is retried by several workers at once is paid once.
const order = { ...terms, amount: 4200, currency: "usd", payment_method: "pm_card_visa", metadata: { order: "7" } };
const tries = await Promise.all(
  Array.from({ length: 10 }, () => stripe.paymentIntents.create(order, { idempotencyKey: "order-7" })),
);
const intents = await stripe.paymentIntents.list({ limit: 100 });
const shipped = await until(() => fulfilled.has("7"));

// Nobody but the provider can tell the shop that it was paid.
const lie = JSON.stringify({ id: "evt_lie", object: "event", type: "payment_intent.succeeded" });
const header = stripe.webhooks.generateTestHeaderString({ payload: lie, secret: "whsec_guessed" });
const lied = await new Promise((done) => {
  const sent = http.request(
    { port: Number(LISTEN), host: "127.0.0.1", method: "POST", headers: { "stripe-signature": header } },
    (answer) => done(answer.resume().statusCode),
  );
  sent.end(lie);
});

// Partial refunds.
const refunds = [];
for (const amount of [1000, 200]) refunds.push(await stripe.refunds.create({ payment_intent: tries[0].id, amount }));
const charge = await stripe.charges.retrieve(tries[0].latest_charge);

// A subscription with a trial, to its third invoice; then a renewal that fails, and recovers.
const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START });
const customer = await stripe.customers.create({ test_clock: clock.id, email: "ada@example.org" });
const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } });
const product = await stripe.products.create({ name: "Tea" });
const price = await stripe.prices.create({
  currency: "usd",
  unit_amount: 2000,
  recurring: { interval: "month" },
  product: product.id,
});
const subscription = await stripe.subscriptions.create({
  customer: customer.id,
  items: [{ price: price.id }],
  trial_period_days: 14,
});
await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START + 46 * DAY });
const invoices = await stripe.invoices.list({ subscription: subscription.id });
const bad = await stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer: customer.id });
await stripe.subscriptions.update(subscription.id, { default_payment_method: bad.id });
await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START + 77 * DAY });
const late = await stripe.subscriptions.retrieve(subscription.id);
const good = await stripe.paymentMethods.attach("pm_card_mastercard", { customer: customer.id });
await stripe.subscriptions.update(subscription.id, { default_payment_method: good.id });
await stripe.invoices.pay(late.latest_invoice, { payment_method: good.id });
const recovered = await stripe.subscriptions.retrieve(subscription.id);

// A dispute.
const disputed = await stripe.paymentIntents.create({ ...terms, amount: 3000, currency: "usd", payment_method: "pm_card_createDispute" });
const dispute = (await stripe.disputes.list({ payment_intent: disputed.id })).data[0];
await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: "winning_evidence" }, submit: true });
const won = await stripe.disputes.retrieve(dispute.id);

// A marketplace.
const seller = await stripe.accounts.create({
  type: "custom",
  country: "US",
  business_type: "individual",
  business_profile: { mcc: "5734", url: "https://shop.example" },
  capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
  external_account: {
    object: "bank_account",
    country: "US",
    currency: "usd",
    account_number: "000123456789",
    routing_number: "110000000",
  },
  individual: {
    address: { city: "Denver", line1: "12 Main St", postal_code: "80014", state: "CO" },
    dob: { day: 1, month: 1, year: 1981 },
    email: "jenny@shop.example",
    first_name: "Jenny",
    last_name: "Rosen",
    phone: "+15555551234",
    ssn_last_4: "0000",
  },
  tos_acceptance: { date: 1609798905, ip: "8.8.8.8" },
});
const sold = await stripe.paymentIntents.create({
  ...terms,
  amount: 10000,
  currency: "usd",
  payment_method: "pm_card_visa",
  application_fee_amount: 1500,
  transfer_data: { destination: seller.id },
});
const transfers = await stripe.transfers.list({ destination: seller.id });
const reversal = await stripe.transfers.createReversal(transfers.data[0].id, { amount: 2500 });
const theirs = await stripe.balance.retrieve({}, { stripeAccount: seller.id });

// Many objects, walked through; and found.
for (let batch = 0; batch < 10; batch++) {
  await Promise.all(Array.from({ length: 25 }, (_, n) => stripe.products.create({ name: `product ${batch * 25 + n}`, metadata: { shelf: `${batch}` } })));
}
let walked = 0;
for await (const each of stripe.products.list({ limit: 50 })) walked += each.object === "product" ? 1 : 0;
const found = await stripe.products.search({ query: "metadata['shelf']:'3'", limit: 100 });

const wanted = ["customer.subscription.trial_will_end", "invoice.payment_failed", "charge.dispute.closed", "charge.refunded", "transfer.reversed"];
const heard = await until(() => wanted.every((type) => told.includes(type)));
console.log(
  JSON.stringify({
    once: [new Set(tries.map((each) => each.id)).size, intents.data.length],
    shipped,
    lied,
    forged,
    refunds: refunds.map((each) => [each.status, each.amount]),
    refunded: [charge.amount_refunded, charge.refunded],
    invoices: invoices.data.map((each) => [each.status, each.amount_paid]),
    late: late.status,
    recovered: recovered.status,
    dispute: [dispute.status, won.status],
    sold: sold.status,
    reversal: reversal.amount,
    theirs: [...theirs.available, ...theirs.pending].reduce((sum, each) => sum + each.amount, 0),
    walked,
    found: found.data.length,
    heard: heard || wanted.filter((type) => !told.includes(type)),
  }),
);
shop.close();
agent.destroy();
