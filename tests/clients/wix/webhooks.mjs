// Checks and reads messages with the vendor's client. Reads {appId, publicKey, bodies} from standard input and prints
// what its handlers were called with, as a JSON list of [handler, event].
import { readFileSync } from "node:fs";
import { AppStrategy, createClient } from "@wix/sdk";
import { accounts, tiers } from "@wix/loyalty";

const { appId, publicKey, bodies } = JSON.parse(readFileSync(0, "utf8"));
const client = createClient({ modules: { accounts, tiers }, auth: AppStrategy({ appId, publicKey, appSecret: "none" }) });

const heard = [];
for (const name of ["onTierCreated", "onTierUpdated", "onTierDeleted"]) {
  client.tiers[name]((event) => void heard.push([name, event]));
}
for (const name of ["onAccountCreated", "onAccountUpdated", "onAccountPointsUpdated"]) {
  client.accounts[name]((event) => void heard.push([name, event]));
}
for (const body of bodies) {
  await client.webhooks.process(body);
}
console.log(JSON.stringify(heard));
