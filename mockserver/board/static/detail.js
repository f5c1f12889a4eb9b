// One task: its results, what can be done to it, and its time line.

import { $, el, pretty, say, short, shown, span, svg } from "./page.js";
import { ask } from "./live.js";
import { good } from "./lists.js";

const WIDTH = 420;
const LEFT = 92;
const ROW = 22;

export class Detail {
  constructor(state, { account, row, closed }) {
    this.families = new Map(state.families.map((one) => [`${one.profile} ${one.family}`, one]));
    this.account = account;
    this.row = row;
    this.closed = closed;
    this.id = "";
    this.results = "";
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.id && !document.querySelector("dialog[open]")) this.close();
    });
  }

  async open(id, focus = true) {
    this.id = id;
    this.results = "";
    // What its card knows is there at once; the rest comes from a server that may be busy.
    const row = this.row(id);
    if (row) this.#show(...this.#head(row), this.#facts({ task: row }));
    if (row && focus) $("detail-close").focus();
    await this.refresh();
    if (!row && focus && this.id === id) $("detail-close")?.focus();
  }

  close() {
    const id = this.id;
    this.id = "";
    $("detail").hidden = true;
    $("detail").replaceChildren();
    this.closed(id);
  }

  /** Draw the task anew soon; many changes at once are one. */
  later() {
    this.timer ??= setTimeout(() => { this.timer = undefined; if (this.id) this.refresh(); }, 200);
  }

  async refresh() {
    const { id } = this;
    try {
      const data = await ask(`/board/tasks/${encodeURIComponent(id)}`, { account: this.account() });
      if (this.id === id) this.draw(data);
    } catch (error) {
      if (this.id !== id) return;
      say(error.message, true);
      this.close();
    }
  }

  draw(data) {
    const old = $("detail").querySelector(".results");
    const key = JSON.stringify(data.results);
    const results = old && key === this.results ? old : this.#results(data);
    this.results = key;
    this.#show(
      ...this.#head(data.task),
      results,
      this.#facts(data),
      this.#actions(data),
      el("h3", {}, "Time line"),
      this.#drawing(data),
      this.#events(data));
  }

  /** Put the parts where the old ones were; what is open, the place read at and the focus stay. */
  #show(...parts) {
    const place = $("detail");
    const focused = document.activeElement?.closest("#detail") ? document.activeElement.id : "";
    const opened = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.key));
    const { scrollTop } = place;
    place.hidden = false;
    place.replaceChildren(...parts.filter((part) => part !== null));
    for (const one of place.querySelectorAll("details")) if (opened.has(one.dataset.key)) one.open = true;
    place.scrollTop = scrollTop;
    if (focused) $(focused)?.focus();
  }

  #head(task) {
    return [
      el("div.head", {},
        el("h2", { id: "detail-title", dir: "auto" }, shown(task.text || task.id)),
        el("button", { type: "button", id: "detail-close", "aria-label": "Close this task", onclick: () => this.close() }, "Close")),
      el("p", {}, el(`span.chip.${task.lane}`, {}, shown(task.status)), " ", shown(task.reason)),
    ];
  }

  #results({ results }) {
    return el("div.results", {}, ...results.map(({ path, type }, n) => {
      if (type.startsWith("video/")) return el("video", { src: path, controls: true, muted: true, loop: true, playsinline: true, "aria-label": `Result ${n + 1}` });
      if (type.startsWith("audio/")) return el("audio", { src: path, controls: true, "aria-label": `Result ${n + 1}` });
      if (type.startsWith("image/")) return el("a", { href: path, target: "_blank", rel: "noopener" }, el("img", { src: path, alt: `Result ${n + 1}`, loading: "lazy" }));
      return el("a.button", { href: path, download: true }, `Result ${n + 1} (${type})`);
    }));
  }

  #facts({ task, callback_url: url, waits_for_polls: polls }) {
    const facts = [["Task id", task.id], ["External id", task.external_id], ["Family", task.family], ["Profile", task.profile],
      ["Account", short(task.account, 30)], ["Scenario", task.scenario], ["Callbacks to", url],
      ["Moves after", polls ? `${polls} more queries` : ""]];
    return el("dl.facts", {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, el("code", { dir: "auto" }, shown(value)))]));
  }

  #actions({ task, callback_url: url }) {
    const family = this.families.get(`${task.profile} ${task.family}`);
    const act = (id, label, does, kind = "button") => el(kind, { type: "button", id: `do-${id}`, onclick: () => this.#command(does) }, label);
    const parts = [];
    if (family && !family.ends.includes(task.status)) {
      const reason = el("select", { id: "reason", "aria-label": "Why it fails" }, ...family.failures.map((one) => el("option", { value: one.name }, shown(one.reason))));
      parts.push(act("finish", "Finish now", () => this.#finish(family.success), "button.primary"));
      parts.push(act("fail", "Fail it", () => this.#finish(family.failure, reason.value)));
      if (family.failures.length) parts.push(reason);
      for (const state of family.ends) {
        if (state !== family.success && state !== family.failure) parts.push(act(`end-${state}`, `End as ${state}`, () => this.#finish(state)));
      }
    }
    if (url) {
      parts.push(act("resend", "Resend callback", () => this.#send(false)));
      parts.push(act("forge", "Forge a callback", () => this.#send(true)));
    }
    return parts.length ? el("div.actions", { role: "group", "aria-label": "What can be done" }, ...parts) : null;
  }

  async #command(does) {
    try { say(await does()); } catch (error) { say(error.message, true); }
    this.later();
  }

  async #finish(status, reason = "") {
    const done = await ask(`/tasks/${encodeURIComponent(this.id)}/finish`, { method: "POST", body: reason ? { status, reason } : { status } });
    return `The task is ${done.status} now.`;
  }

  async #send(forged) {
    const sent = await ask("/deliveries/send", { method: "POST", body: { task: this.id, forged } });
    const last = sent.attempts.at(-1);
    return `${forged ? "Sent a forged callback" : "Sent the callback again"}: ${last.status || last.error}.`;
  }

  /** States as bars, requests and callbacks as marks below; labels stand left of them. */
  #drawing({ task, plan, now, requests, deliveries }) {
    const last = Math.max(now, ...requests.map((one) => one.at), ...deliveries.map((one) => one.due));
    const ended = task.lane === "succeeded" || task.lane === "failed";
    const end = Math.max(task.created + 1, Math.min(last, ended ? task.changed + (task.changed - task.created) * 0.5 + 200 : last));
    const x = (at) => LEFT + ((WIDTH - LEFT - 12) * (Math.min(at, end) - task.created)) / (end - task.created);
    const states = plan.filter((one) => one.at <= now);
    const rows = [...states.map((one) => one.status), ...(requests.length ? ["requests"] : []), ...(deliveries.length ? ["callbacks"] : [])];
    const middle = (n) => 6 + n * ROW + ROW / 2;
    const marks = (list, n, at, bad) => list.filter((one) => at(one) <= end).map((one) => svg(`circle.${bad(one) ? "fail" : "pass"}`, { cx: x(at(one)), cy: middle(n), r: 4 }));
    const bars = states.map((one, n) => {
      const until = states[n + 1]?.at ?? end;
      return svg(`rect.${one.lane}`, { x: x(one.at), y: middle(n) - 6, width: Math.max(3, x(until) - x(one.at)), height: 12, rx: 3 });
    });
    const height = 6 + rows.length * ROW + 20;
    return svg("svg.drawing", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": `Time line: ${states.map((one) => `${one.status} after ${span(one.at - task.created)}`).join(", ")}` },
      ...rows.map((label, n) => svg("text", { x: LEFT - 10, y: middle(n) + 4, "text-anchor": "end" }, shown(short(label, 14)))),
      ...bars,
      ...marks(requests, states.length, (one) => one.at, (one) => one.verdict !== "accepted" || !good(one.status)),
      ...marks(deliveries, rows.length - 1, (one) => one.due, (one) => one.state !== "delivered"),
      svg("text.faint", { x: LEFT, y: height - 4 }, "0"),
      svg("text.faint", { x: WIDTH - 12, y: height - 4, "text-anchor": "end" }, span(end - task.created)));
  }

  #events({ task, plan, now, requests, deliveries }) {
    const events = [
      ...plan.filter((one) => one.at <= now).map((one) => ({ at: one.at, sort: 1, what: el("span", {}, "became ", el(`span.chip.${one.lane}`, {}, shown(one.status))) })),
      ...requests.map((one) => ({ at: one.at, sort: 0, what: this.#request(one) })),
      ...deliveries.map((one) => ({ at: one.due, sort: 2, what: this.#delivery(one) })),
    ].sort((a, b) => a.at - b.at || a.sort - b.sort);
    return el("ol.events", {}, ...events.map((one) => el("li", {}, el("span.at", {}, `+${span(Math.max(0, one.at - task.created))}`), one.what)));
  }

  #request(one) {
    const bad = one.verdict !== "accepted" || !good(one.status);
    return el("details", { "data-key": `r${one.number}` },
      el("summary", {}, el("code", {}, `${one.method} ${one.operation || "?"}`), " ", el(`span.status.${bad ? "fail" : "pass"}`, {}, one.status || "no answer"),
        one.verdict === "accepted" ? "" : ` ${shown(one.verdict)}`, one.scenario ? el("span.chip.warn", {}, shown(one.scenario)) : ""),
      one.request === null ? null : el("pre", { tabindex: "0", "aria-label": "Request" }, pretty(one.request)),
      el("pre", { tabindex: "0", "aria-label": "Answer" }, pretty(one.answer)));
  }

  #delivery(one) {
    return el("details", { "data-key": `d${one.number}` },
      el("summary", {}, "callback ", el("code", {}, shown(one.status)), one.genuine ? " " : el("span.chip.warn", {}, "forged"),
        ...one.attempts.flatMap((attempt) => [" ", el(`span.status.${good(attempt.status) ? "pass" : "fail"}`, { title: `${attempt.milliseconds} ms` }, shown(attempt.status || attempt.error || "no answer"))]),
        ` ${shown(one.state)}`),
      el("pre", { tabindex: "0", "aria-label": "Headers" }, Object.entries(one.headers).map(([name, value]) => `${name}: ${shown(value)}`).join("\n")),
      el("pre", { tabindex: "0", "aria-label": "Body" }, pretty(one.body)));
  }
}
