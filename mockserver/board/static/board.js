// The live board: puts its parts together, and keeps them at what the server says.

import { $, el, moment, say, shown, short } from "./page.js";
import { KeyNeeded, ask, follow, stored } from "./live.js";
import { Detail } from "./detail.js";
import { Example } from "./example.js";
import { Lanes } from "./lanes.js";
import { Lists } from "./lists.js";

const DRAW = 250; // milliseconds between two looks at what has come in
let account = "";
let state;
let lanes;
let lists;
let detail;
let example;
let older = 0; // tasks that the server did not tell of, for there are too many
let stop = new AbortController();
const clocks = new Map(); // account -> {now, rate, at}: "" is the clock that accounts share

/** The time of a task's account, by the course of its clock since it was told. */
function now(row) {
  const clock = clocks.get(row?.account) ?? clocks.get("");
  return clock ? clock.now + (performance.now() - clock.at) * clock.rate : 0;
}

function takeClocks(told) {
  for (const [key, clock] of Object.entries(told ?? {})) {
    if (clock) clocks.set(key, { ...clock, at: performance.now() });
    else clocks.delete(key);
  }
  const mine = clocks.get(account) ?? clocks.get("");
  if (mine && document.activeElement !== $("rate")) {
    if (![...$("rate").options].some((one) => Number(one.value) === mine.rate)) $("rate").append(el("option", { value: mine.rate }, `×${mine.rate}`));
    $("rate").value = String(mine.rate);
  }
}

function onevent(name, data) {
  if (name === "snapshot") {
    lanes.clear();
    lists.clear();
    clocks.clear();
    for (const row of data.tasks.toReversed()) lanes.put(row);
    older = data.older;
    showAccounts(data.accounts);
    lists.answer = data.answers;
    if (detail.id && !lanes.find(detail.id)) detail.close();
  }
  takeClocks(data.clocks);
  if (name === "changes") {
    for (const row of data.tasks ?? []) {
      lanes.put(row);
      if (row.id === detail.id) detail.later();
      if (row.account && !knownAccounts.has(row.account)) showAccounts([row.account]);
    }
    if ([...(data.requests ?? []), ...(data.deliveries ?? [])].some((one) => one.task && one.task === detail.id)) detail.later();
    announce((data.tasks ?? []).filter((row) => !row.gone));
  }
  lists.add(data);
  const made = (data.requests ?? []).findLast((one) => one.operation === "create" && one.task);
  if (made) example.suggest(made.task);
}

/** Few changes are told to who does not see them; many would drown everything else. */
function announce(rows) {
  if (rows.length > 0 && rows.length <= 2) {
    const row = rows.at(-1);
    say(`${short(shown(row.text || row.id), 40)}: ${row.status}`);
  }
}

const knownAccounts = new Set();
function showAccounts(keys) {
  for (const key of keys) {
    if (knownAccounts.has(key)) continue;
    knownAccounts.add(key);
    $("account").append(el("option", { value: key }, shown(short(key, 24))));
  }
}

function draw() {
  lanes.refresh();
  lanes.tick(now);
  lists.refresh();
  const hidden = older + lanes.dropped;
  $("older").textContent = hidden ? `${hidden.toLocaleString()} older tasks are not shown.` : "";
  const time = now({ account });
  if (time) $("time").textContent = moment(time);
}

/** On a phone the form fills the screen: what became of the request is further down. */
function showLanes() {
  if ($("lanes").getBoundingClientRect().top > innerHeight - 120) $("lanes").scrollIntoView({ block: "start", behavior: "smooth" });
}

async function command(path, options, done) {
  try {
    const answer = await ask(path, { account, method: "POST", ...options });
    say(typeof done === "function" ? done(answer) : done);
  } catch (error) {
    if (error instanceof KeyNeeded) askKey();
    else say(error.message, true);
  }
}

function listen() {
  stop.abort();
  stop = new AbortController();
  const onlink = (how) => {
    $("link").textContent = how === "live" ? "live" : "no connection, trying again";
    $("link").classList.toggle("lost", how !== "live");
  };
  follow(account, { onevent, onlink, stop: stop.signal }).catch(askKey);
}

function askKey() {
  const dialog = $("ask-key");
  if (dialog.open) return;
  dialog.showModal();
  dialog.addEventListener("close", () => { stored.key = $("given-key").value.trim(); start(); }, { once: true });
}

function listenToControls() {
  $("next").addEventListener("click", () => command("/clock/advance", { body: { to: "next" } },
    (answer) => (answer.changed === false ? "Nothing is going to change." : "Moved to the next change.")));
  for (const button of document.querySelectorAll(".advance")) {
    const seconds = Number(button.dataset.seconds);
    button.addEventListener("click", () => command("/clock/advance", { body: { seconds } }, `Moved the clock by ${seconds} s.`));
  }
  $("rate").addEventListener("change", (event) => command("/clock", { body: { rate: Number(event.target.value) } },
    (clock) => (clock.rate ? `The clock runs at ${clock.rate} times real time.` : "The clock moves by hand.")));
  $("account").addEventListener("change", (event) => {
    account = event.target.value;
    if (account) $("key").value = account;
    if (detail.id) detail.close();
    listen();
  });
  $("reset").addEventListener("click", () => {
    $("ask-reset-text").textContent = account
      ? `Forget the tasks, requests, callbacks, scenarios and clock of ${short(account, 24)}?`
      : "Forget the tasks, requests, callbacks, scenarios and clocks of every account?";
    $("ask-reset").returnValue = "";
    $("ask-reset").showModal();
  });
  $("ask-reset").addEventListener("close", () => {
    if ($("ask-reset").returnValue !== "ok") return;
    ask("/board/inbox", { account, method: "DELETE" }).catch(() => {});
    command("/reset", {}, "Forgotten.");
  });
  $("scenario").addEventListener("input", () => help());
  $("misbehave").addEventListener("submit", (event) => {
    event.preventDefault();
    const key = account || $("key").value.trim() || "demo";
    const next = Number($("times").value) || 1;
    command("/faults", { account: key, body: { scenario: $("scenario").value.trim(), next } },
      `The next ${next === 1 ? "request" : `${next} requests`} of ${short(key, 20)} will meet ${$("scenario").value.trim()}.`);
  });
}

function help() {
  const name = $("scenario").value.split(/[:+]/)[0].trim();
  const row = state.scenarios.find((one) => one.name === name);
  const parameters = Object.entries(row?.parameters ?? {}).map(([key, one]) => `${key}: ${one.meaning}`);
  $("scenario-help").textContent = row ? [row.sentence, ...parameters].join("\n") : "";
}

let wired = false;
async function start() {
  try {
    state = await ask("/board/state", { account });
  } catch (error) {
    if (error instanceof KeyNeeded) { askKey(); return; }
    $("link").textContent = error.message;
    $("link").classList.add("lost");
    setTimeout(start, 2000);
    return;
  }
  $("played").textContent = `plays ${state.profiles.map((one) => one.name).join(", ")} · pace ${state.pace}`;
  $("account").replaceChildren(el("option", { value: "" }, state.one_account ? "of your key" : "all accounts"));
  $("scenarios").replaceChildren(...state.scenarios.map((one) => el("option", { value: one.name }, one.sentence)));
  lanes = new Lanes($("lanes"), state.lanes, (row) => detail.open(row.id));
  detail = new Detail(state, { account: () => account, row: (id) => lanes.find(id), closed: (id) => lanes.focus(id) });
  lists = new Lists(state, { open: (id) => detail.open(id), account: () => account });
  example = new Example(state.examples, state.inbox, { sent: () => showLanes(), key: state.one_account ? stored.key : "" });
  if (!wired) {
    wired = true;
    listenToControls();
    setInterval(draw, DRAW);
  }
  listen();
}

start();
