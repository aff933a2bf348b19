// Renders templates with Handlebars.js itself: [[template, values], ...] on stdin, [{text} | {fault}, ...] on stdout.
// SendGrid's own helpers are registered here as its page on Handlebars describes them.
import Handlebars from "handlebars";

const truthy = (value) => !Handlebars.Utils.isEmpty(value) && value !== 0;
const comparisons = {
  equals: (left, right) => left == right,
  notEquals: (left, right) => left != right,
  greaterThan: (left, right) => left > right,
  lessThan: (left, right) => left < right,
  and: (...values) => values.every(truthy),
  or: (...values) => values.some(truthy),
};
for (const [name, holds] of Object.entries(comparisons)) {
  Handlebars.registerHelper(name, function (...given) {
    const options = given.pop();
    const answer = holds(...given);
    if (!options.fn) return answer;
    return answer ? options.fn(this) : options.inverse(this);
  });
}
Handlebars.registerHelper("length", (value) => (typeof value === "string" || Array.isArray(value) ? value.length : 0));
Handlebars.registerHelper("insert", (value, other) =>
  value === undefined || value === null || value === "" ? String(other).replace(/^default=/, "") : value,
);

let sent = "";
for await (const chunk of process.stdin) sent += chunk;
const answers = JSON.parse(sent).map(([template, values]) => {
  try {
    return { text: Handlebars.compile(template)(values) };
  } catch (error) {
    return { fault: String(error.message) };
  }
});
process.stdout.write(JSON.stringify(answers));
