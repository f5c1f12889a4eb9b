// The AI SDK: each provider's video or image model by its own base URL; fal's has none, but takes a `fetch`.
import { createAlibaba } from "@ai-sdk/alibaba";
import { createBlackForestLabs } from "@ai-sdk/black-forest-labs";
import { createByteDance } from "@ai-sdk/bytedance";
import { createFal } from "@ai-sdk/fal";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createLuma } from "@ai-sdk/luma";
import { createReplicate } from "@ai-sdk/replicate";
import { experimental_generateVideo as generateVideo, generateImage } from "ai";
import { kindOf, outcome, say, told } from "./told.mjs";

const apiKey = "key";
const providerOptions = Object.fromEntries(
  ["alibaba", "blackForestLabs", "bytedance", "fal", "google", "luma", "replicate"].map((name) => [
    name, { pollIntervalMs: 1, pollIntervalMillis: 1 },
  ]),
);
const rerouted = (url, options) =>
  fetch(String(url).replace("https://queue.fal.run", told.urls.fal), options);
const models = {
  fal: () => createFal({ apiKey, fetch: rerouted }).video("veo3"),
  replicate: () => createReplicate({ apiToken: apiKey, baseURL: `${told.urls.replicate}/v1` }).video("owner/name"),
  veo: () => createGoogleGenerativeAI({ apiKey, baseURL: `${told.urls.veo}/v1beta` }).video("veo-3.1"),
  dashscope: () => createAlibaba({ apiKey, videoBaseURL: told.urls.dashscope }).video("wan2.5-t2v-preview"),
  ark: () => createByteDance({ apiKey, baseURL: `${told.urls.ark}/api/v3` }).video("seedance-1-0-pro"),
};
const images = {
  luma: () => createLuma({ apiKey, baseURL: told.urls.luma }).image("photon-1"),
  bfl: () => createBlackForestLabs({ apiKey, baseURL: `${told.urls.bfl}/v1`, pollIntervalMillis: 1 }).image("flux-pro-1.1"),
};

// The SDK's own refuses loopback addresses.
async function download({ url }) {
  const answer = await rerouted(url, { headers: { "x-goog-api-key": apiKey } });
  return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get("content-type") };
}

const prompt = told.prompt ?? "boat";
const seen = await Promise.all([
  ...Object.entries(models).map(async ([name, model]) => [
    name,
    await outcome(async () => kindOf((await generateVideo({ model: model(), prompt, providerOptions, download, maxRetries: 2 })).video.uint8Array)),
  ]),
  ...Object.entries(images).map(async ([name, model]) => [
    name,
    await outcome(async () => kindOf((await generateImage({ model: model(), prompt, aspectRatio: "1:1", providerOptions })).image.uint8Array)),
  ]),
]);
say(Object.fromEntries(seen));
