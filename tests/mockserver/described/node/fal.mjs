// `@fal-ai/client` names its host itself; its own option `requestMiddleware` sends requests elsewhere.
import { createFalClient } from "@fal-ai/client";
import { kind, outcome, say, told } from "./told.mjs";

const client = createFalClient({
  credentials: "key",
  requestMiddleware: async (request) => ({ ...request, url: request.url.replace("https://queue.fal.run", told.url) }),
});
const input = { prompt: told.prompt ?? "boat" };
const { request_id: requestId } = await client.queue.submit("fal-ai/veo", { input, webhookUrl: told.hook });
const states = [];
while (states.at(-1) !== "COMPLETED") states.push((await client.queue.status("fal-ai/veo", { requestId, logs: true })).status);
const other = await client.queue.submit("fal-ai/veo", { input: { prompt: "boat" } });
say({
  states,
  result: await outcome(async () => kind((await client.queue.result("fal-ai/veo", { requestId })).data.video.url)),
  cancelled: await outcome(async () => (await client.queue.cancel("fal-ai/veo", { requestId: other.request_id })) ?? "taken"),
  streamed: await outcome(async () => {
    const { data, requestId: id } = await client.subscribe("fal-ai/veo", { input: { prompt: "#understudy:run:ms=100" }, mode: "streaming" });
    return [await kind(data.video.url), id.length > 0];
  }),
  subscribed: await outcome(async () => kind((await client.subscribe("fal-ai/veo/fast", { input: { prompt: "boat" }, pollInterval: 1 })).data.video.url)),
});
