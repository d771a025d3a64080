// The vendor's published client, as it is, sent to our address. Reads one JSON list of calls from standard input
// ([["tiers", "createTier", [arguments]], ...], further ones follow on what is returned, as queries are built) and prints
// what each one resolved to, or its error, as a JSON list.
import { readFileSync } from "node:fs";
import { ApiKeyStrategy, createClient } from "@wix/sdk";
import { accounts, programs, tiers, transactions } from "@wix/loyalty";

const [base, apiKey, siteId] = process.argv.slice(2);
const calls = JSON.parse(readFileSync(0, "utf8"));

const elsewhere = (input, init) => {
  const url = new URL(typeof input === "string" ? input : input.url ?? input);
  return globalThis.fetch(base + url.pathname + url.search, init);
};
const modules = { accounts, programs, tiers, transactions };
const client = createClient({ modules, auth: ApiKeyStrategy({ apiKey, siteId }), fetch: elsewhere });

const told = [];
for (const [module, method, args, ...following] of calls) {
  try {
    let value = client[module][method](...args);
    for (const [name, given] of following) {
      value = value[name](...given);
    }
    told.push({ value: (await value) ?? null });
  } catch (error) {
    told.push({ error: { message: String(error.message), details: error.details ?? error.response?.data ?? null } });
  }
}
console.log(JSON.stringify(told));
