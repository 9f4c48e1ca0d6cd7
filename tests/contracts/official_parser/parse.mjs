// Parses AsyncAPI documents; prints one JSON object: file → its errors, each `path: message`.
import { readFileSync } from "node:fs";
import asyncapi from "@asyncapi/parser";

const ERROR = 0;
const errors = {};
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await new asyncapi.Parser().parse(readFileSync(file, "utf8"));
  errors[file] = diagnostics.filter((one) => one.severity === ERROR).map((one) => `${one.path.join(".")}: ${one.message}`);
  if (!document && errors[file].length === 0) errors[file].push("no document");
}
console.log(JSON.stringify(errors));
