// Clients made by one generator: Runway's, Luma's and OpenAI's, each by its option `baseURL`.
import RunwayML from "@runwayml/sdk";
import { LumaAI } from "lumaai";
import OpenAI from "openai";
import { kind, kindOf, outcome, say, told } from "./told.mjs";

const prompt = told.prompt ?? "boat";
async function ended(ask, ends) {
  const states = [];
  let one;
  do {
    one = await ask();
    states.push(one.status ?? one.state);
  } while (!ends.includes(states.at(-1)));
  return [one, states];
}

async function runway() {
  const client = new RunwayML({ apiKey: "key", baseURL: told.urls.runway });
  const { id } = await client.textToVideo.create({ model: "veo3.1", promptText: prompt, ratio: "1280:720", duration: 4 });
  const [task, states] = await ended(() => client.tasks.retrieve(id), ["SUCCEEDED", "FAILED", "CANCELLED"]);
  const result = task.output ? await kind(task.output[0]) : task.failureCode;
  await client.tasks.delete(id);
  return { states, result, after: await outcome(() => client.tasks.retrieve(id)).then(({ message }) => message.slice(0, 3)) };
}

async function luma() {
  const client = new LumaAI({ authToken: "key", baseURL: `${told.urls.luma}/dream-machine/v1` });
  const { id } = await client.generations.create({ model: "ray-2", prompt });
  const [task, states] = await ended(() => client.generations.get(id), ["completed", "failed"]);
  const result = task.assets ? await kind(task.assets.video) : task.failure_reason;
  return { states, result, listed: (await client.generations.list()).generations?.length ?? 0 };
}

async function openai() {
  const client = new OpenAI({ apiKey: "key", baseURL: `${told.urls["openai-videos"]}/v1` });
  const { id } = await client.videos.create({ model: "sora-2", prompt });
  const [task, states] = await ended(() => client.videos.retrieve(id), ["completed", "failed"]);
  const result = task.error?.code ?? kindOf(new Uint8Array(await (await client.videos.downloadContent(id)).arrayBuffer()));
  return { states, result, deleted: (await client.videos.delete(id)).deleted };
}

say({ runway: await outcome(runway), luma: await outcome(luma), openai: await outcome(openai) });
