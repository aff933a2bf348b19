// An application with the official @sendgrid/mail, unmodified. It prints what it did as JSON.
import sendgrid from "@sendgrid/mail";
import client from "@sendgrid/client";

const { KEY, OTHER_KEY, BASE } = process.env;

sendgrid.setClient(client);

// A key puts the base address back to the provider's, so that comes after it.
const use = (key) => {
  sendgrid.setApiKey(key);
  client.setDefaultRequest("baseUrl", BASE);
};

use(KEY);

const refused = async (attempt) => {
  try {
    await attempt;
  } catch (error) {
    return { status: error.code, errors: error.response?.body.errors };
  }
  return null;
};

// The SDK notes in the object that it is given whether it was sent to each.
const hello = (changes = {}) => ({
  to: "ada@example.com",
  from: "Shop <shop@example.com>",
  subject: "Hello",
  text: "plain",
  html: "<p>html</p>",
  ...changes,
});

const [sent, body] = await sendgrid.send(hello());

const [many] = await sendgrid.sendMultiple(hello({ to: ["bea@example.com", "cleo@example.com"], subject: "To each" }));

const [whole] = await sendgrid.send(hello({
  subject: "With everything",
  cc: { name: "Dora", email: "dora@example.com" },
  bcc: ["eve@example.com"],
  replyTo: "help@example.com",
  categories: ["orders", "node"],
  customArgs: { order: "7" },
  headers: { "X-Shop": "1" },
  attachments: [
    { content: Buffer.from("%PDF").toString("base64"), filename: "invoice.pdf", type: "application/pdf", disposition: "attachment" },
    { content: Buffer.from("png").toString("base64"), filename: "logo.png", type: "image/png", disposition: "inline", contentId: "logo" },
  ],
  trackingSettings: { clickTracking: { enable: false, enableText: false }, openTracking: { enable: true } },
  mailSettings: { footer: { enable: true, text: "\nfoot", html: "<hr>" } },
}));

const [, template] = await client.request({
  method: "POST",
  url: "/v3/templates",
  body: { name: "Order", generation: "dynamic" },
});
await client.request({
  method: "POST",
  url: `/v3/templates/${template.id}/versions`,
  body: { name: "v1", active: 1, subject: "Order of {{name}}", html_content: "<p>{{name}}: {{insert total \"default=0\"}}</p>" },
});
const [templated] = await sendgrid.send({
  to: "ada@example.com",
  from: "shop@example.com",
  templateId: template.id,
  dynamicTemplateData: { name: "Ada", total: 12 },
});

const several = await sendgrid.send([
  hello({ subject: "One of two" }),
  hello({ subject: "Two of two", personalizations: [{ to: "fay@example.com", substitutions: { name: "Fay" } }], text: "Hello {{name}}" }),
]);

const [sandboxed] = await sendgrid.send(hello({ subject: "Never sent", mailSettings: { sandboxMode: { enable: true } } }));

const broken = await refused(sendgrid.send(hello({ from: "nobody" , text: "x" })));
const scheduled = await refused(sendgrid.send(hello({ sendAt: Math.floor(Date.now() / 1000) + 80 * 3600 })));
use(`SG.${"x".repeat(22)}.${"y".repeat(43)}`);
const stranger = await refused(sendgrid.send(hello()));
use(OTHER_KEY);
const foreign = await refused(sendgrid.send(hello()));

console.log(
  JSON.stringify({
    sent: [sent.statusCode, body],
    id: sent.headers["x-message-id"],
    many: Array.isArray(many) ? many.map((one) => one.statusCode) : many.statusCode,
    whole: whole.statusCode,
    templated: templated.statusCode,
    several: several.map(([response]) => response.statusCode),
    sandboxed: [sandboxed.statusCode, sandboxed.headers["x-message-id"] ?? null],
    broken,
    scheduled,
    stranger,
    foreign,
  }),
);
