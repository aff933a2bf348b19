// An application that sends by SMTP with nodemailer, configured by the variables of its environment.
import nodemailer from "nodemailer";

const { SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASSWORD } = process.env;

function transport(pass) {
  return nodemailer.createTransport({
    host: SMTP_HOST,
    port: Number(SMTP_PORT),
    secure: false,
    auth: { user: SMTP_USER, pass },
    tls: { rejectUnauthorized: false },
  });
}

const shop = transport(SMTP_PASSWORD);
const told = { verified: await shop.verify() };
const sent = await shop.sendMail({
  from: '"The Shop" <shop@example.com>',
  to: ["Ada <ada@example.com>", "bob@example.com"],
  cc: "cc@example.com",
  bcc: "hidden@example.com",
  replyTo: "help@example.com",
  subject: "Größe 42 ✓",
  text: "Plain ✓",
  html: '<p>See <a href="https://shop.test/42">it</a> <img src="cid:logo"></p><script>alert(1)</script>',
  headers: { "X-Order": "42" },
  attachments: [
    { filename: "rechnung-ä.txt", content: "Total: 42 €" },
    { filename: "logo.png", content: Buffer.from([137, 80, 78, 71]), cid: "logo" },
  ],
});
told.response = sent.response;
told.accepted = sent.accepted;
told.messageId = sent.messageId;
try {
  await transport("SG.wrong").sendMail({ from: "a@example.com", to: "b@example.com", text: "x" });
} catch (refused) {
  told.refused = [refused.code, refused.responseCode, refused.response];
}
shop.close();
console.log(JSON.stringify(told));
