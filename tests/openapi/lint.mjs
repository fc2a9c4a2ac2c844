// Lints an OpenAPI document with Redocly's recommended rules, warnings included:
//   node tests/openapi/lint.mjs openapi.json
// Exit code 1: there is something to say about it.
import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";

const [file] = process.argv.slice(2);
const config = await createConfig({ extends: ["recommended"] });
const problems = await lintFromString({ source: readFileSync(file, "utf8"), absoluteRef: file, config });
for (const { severity, ruleId, message, location } of problems) {
  console.log(`${severity}: ${ruleId}: ${message} at ${location[0]?.pointer ?? "?"}`);
}
console.log(`${problems.length} problem(s)`);
process.exitCode = problems.length === 0 ? 0 : 1;
