// An application with the official stripe-node, unmodified. It prints what it did as JSON.
//
// stripe-node takes a host, a port and a protocol but no path, so the environment is found by the
// host name or by the key alone.
import http from "node:http";
import Stripe from "stripe";

const { KEY, OTHER_KEY, HOST, PORT } = process.env;

// Names below localhost mean this machine (RFC 6761), which not every resolver knows.
const lookup = (name, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const agent = new http.Agent({ keepAlive: true, lookup });

const connect = (key) =>
  new Stripe(key, { host: HOST, port: Number(PORT), protocol: "http", httpAgent: agent, maxNetworkRetries: 1 });

const refused = async (attempt) => {
  try {
    await attempt;
  } catch (error) {
    return {
      type: error.type,
      code: error.code,
      decline_code: error.decline_code,
      status: error.statusCode,
      param: error.param,
      intent: error.payment_intent?.status,
    };
  }
  return null;
};

const stripe = connect(KEY);
const customer = await stripe.customers.create({ email: "ada@example.org", metadata: { plan: "blue" } });
const method = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
const payment = {
  amount: 4200,
  currency: "usd",
  customer: customer.id,
  confirm: true,
  return_url: "https://shop.example/done",
};
const paid = await stripe.paymentIntents.create({
  ...payment,
  payment_method: method.id,
  expand: ["customer", "latest_charge.balance_transaction"],
});
const held = await stripe.paymentIntents.create({ ...payment, payment_method: method.id, capture_method: "manual" });
const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4000 });
const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 1200 });
const waiting = await stripe.paymentIntents.create({
  ...payment,
  customer: undefined,
  payment_method: "pm_card_threeDSecure2Required",
});
for (let number = 0; number < 12; number++) await stripe.products.create({ name: `product ${number}` });
const names = [];
for await (const product of stripe.products.list({ limit: 5 })) names.push(product.name);
const twice = [];
for (let time = 0; time < 2; time++) {
  const made = await stripe.customers.create({ name: "once" }, { idempotencyKey: "order-7" });
  twice.push(made.id);
}
const payload = JSON.stringify({ id: "evt_1", object: "event" }, null, 2);
const header = stripe.webhooks.generateTestHeaderString({ payload, secret: "whsec_test" });

console.log(
  JSON.stringify({
    customer: paid.customer.email,
    paid: paid.status,
    charged: paid.latest_charge.amount_captured,
    captured: [captured.status, captured.amount_received],
    refund: [refund.status, refund.amount],
    waiting: [waiting.status, waiting.next_action.type],
    names,
    once: new Set(twice).size,
    event: stripe.webhooks.constructEvent(payload, header, "whsec_test").id,
    declined: await refused(
      stripe.paymentIntents.create({ ...payment, customer: undefined, payment_method: "pm_card_visa_chargeDeclined" }),
    ),
    missing: await refused(stripe.customers.retrieve("cus_none")),
    unknown: await refused(stripe.customers.create({ nonsense: 1 })),
    foreign: await refused(connect(OTHER_KEY).customers.retrieve(customer.id)),
    stranger: await refused(connect(`sk_test_51${"0".repeat(97)}`).customers.list()),
    request: paid.lastResponse.requestId,
    version: paid.lastResponse.apiVersion,
  }),
);
agent.destroy();
