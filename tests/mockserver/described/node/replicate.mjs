// `replicate`: its base URL is an option of its own.
import Replicate from "replicate";
import { kind, outcome, say, told } from "./told.mjs";

const client = new Replicate({ auth: "key", baseUrl: `${told.url}/v1`, useFileOutput: false });
const made = await client.predictions.create({
  version: "v1", input: { prompt: told.prompt ?? "boat" },
  ...(told.hook ? { webhook: told.hook, webhook_events_filter: ["completed"] } : {}),
});
const done = await outcome(() => client.wait(made, { interval: 1 }));
const other = await client.predictions.create({ model: "owner/name", input: {} });
say({
  states: [made.status, done.status, (await outcome(() => client.predictions.cancel(other.id))).status],
  kinds: await Promise.all((done.output ?? []).map((url) => kind(url))),
  error: done.message ?? null,
  listed: (await client.predictions.list()).results.map(({ id }) => [made.id, other.id].indexOf(id)),
  run: await outcome(async () => kind((await client.run("owner/name", { input: { prompt: "boat" }, wait: { mode: "poll", interval: 1 } }))[0])),
});
