// What goes to the server (commands) and comes from it (a stream of events), both with the key where one is needed.

import { ROOT } from "./page.js";

const KEY = "understudy-key";
export const stored = {
  get key() { return sessionStorage.getItem(KEY) ?? ""; },
  set key(value) { sessionStorage.setItem(KEY, value); },
};

export class KeyNeeded extends Error {}

function headers(more = {}) {
  return stored.key ? { Authorization: `Bearer ${stored.key}`, ...more } : more;
}

function address(path, account) {
  const query = account ? `?account=${encodeURIComponent(account)}` : "";
  return `${ROOT}${path}${query}`;
}

/** JSON from the server; raises an Error with its words when it refuses. */
export async function ask(path, { account = "", method = "GET", body } = {}) {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(address(path, account), { method, body: sent, headers: headers() });
  if (answer.status === 401) throw new KeyNeeded();
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error ?? `answered ${answer.status}`);
  return value;
}

/** Read the stream of an account until `stop` is aborted; come back when it breaks off. */
export async function follow(account, { onevent, onlink, stop }) {
  let pause = 500;
  while (!stop.aborted) {
    try {
      const answer = await fetch(address("/board/events", account), { headers: headers(), signal: stop });
      if (answer.status === 401) throw new KeyNeeded();
      if (!answer.ok) throw new Error((await answer.json()).error);
      onlink("live");
      pause = 500;
      await read(answer.body, onevent);
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof KeyNeeded) throw error;
    }
    onlink("lost");
    await new Promise((go) => setTimeout(go, pause));
    pause = Math.min(pause * 2, 8000);
  }
}

/** Events of a stream: blocks of "event: NAME" and "data: JSON" with an empty line behind each. */
async function read(body, onevent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
      if (name && data) onevent(name, JSON.parse(data));
    }
  }
}
