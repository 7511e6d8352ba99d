/**
 * Writes src/client/schema.ts, the types of the API, from an OpenAPI document:
 * `npm run client -- <schema.json> [<schema.ts>]`. The output depends on the document alone, so a check can compare.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import openapiTypescript, { astToString } from "openapi-typescript";

const [schema, output = "src/client/schema.ts"] = process.argv.slice(2);
if (!schema) {
  console.error("Usage: npm run client -- <schema.json> [<schema.ts>]");
  process.exit(2);
}
const types = await openapiTypescript(pathToFileURL(schema), { alphabetize: true });
writeFileSync(output, `/** Generated from the OpenAPI schema by \`npm run client\`; not edited by hand. */\n\n${astToString(types)}`);
