// What was said: requests, those that were refused, callbacks, and the inbox. The last ones of each.

import { $, el, moment, pretty, say, settle, short, shown, tabs } from "./page.js";
import { ask } from "./live.js";

const MOST = 100;
const NAMES = [["requests", "Requests"], ["refused", "Refused"], ["callbacks", "Callbacks"], ["inbox", "Inbox"]];

export class Lists {
  // list -> row -> what is drawn of it there: a row never changes, a new one takes its place
  #drawn = new Map(NAMES.map(([id]) => [id, new WeakMap()]));

  constructor(state, { open, account }) {
    this.open = open;
    this.account = account;
    this.answers = state.known_answers;
    this.answer = state.answers;
    this.requests = [];
    this.refused = [];
    this.callbacks = new Map();
    this.received = [];
    this.chosen = "requests";
    this.tabs = tabs($("tabs"), NAMES, (id) => { this.chosen = id; this.stale = true; this.refresh(true); }, "panel");
  }

  clear() {
    this.requests = [];
    this.refused = [];
    this.callbacks.clear();
    this.received = [];
    this.stale = true;
  }

  add({ requests = [], deliveries = [], received = [] }) {
    if (!requests.length && !deliveries.length && !received.length) return;
    this.requests = [...requests.toReversed(), ...this.requests].slice(0, MOST);
    this.refused = [...requests.filter((row) => row.verdict !== "accepted").toReversed(), ...this.refused].slice(0, MOST);
    for (const row of deliveries) this.callbacks.set(row.number, row);
    while (this.callbacks.size > MOST) this.callbacks.delete(this.callbacks.keys().next().value);
    this.received = [...received.toReversed(), ...this.received].slice(0, MOST);
    this.stale = true;
  }

  refresh(now = false) {
    if (!this.stale) return;
    this.stale = false;
    const counts = { requests: this.requests.length, refused: this.refused.length, callbacks: this.callbacks.size, inbox: this.received.length };
    for (const [id, label] of NAMES) {
      const button = this.tabs?.button(id);
      const many = counts[id] >= MOST ? `${MOST}+` : counts[id];
      button?.replaceChildren(label, " ", el(`span.count${id === "refused" && counts[id] ? ".bad" : ""}`, {}, String(many)));
    }
    const place = $("panel");
    // Who is reading or typing in a list is not disturbed; it is drawn anew a moment later.
    if (!now && place.matches(":focus-within") && place.querySelector("details[open], :focus-visible:not(#panel)")) {
      this.stale = true;
      return;
    }
    settle(place, [this[`_${this.chosen}`]()]);
  }

  #draw(row, make) {
    const drawn = this.#drawn.get(this.chosen);
    if (!drawn.has(row)) drawn.set(row, make(row));
    return drawn.get(row);
  }

  #taskLink(id) {
    return id ? el("button.plain", { type: "button", onclick: () => this.open(id), title: `Task ${id}` }, short(id, 14)) : "";
  }

  #table(heads, list, make, empty) {
    if (!list.length) return el("p.quiet", {}, empty);
    const there = $("panel").firstElementChild;
    const table = there?.dataset.list === this.chosen ? there : el("table", { "data-list": this.chosen },
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody"));
    settle(table.tBodies[0], list.map((row) => this.#draw(row, make)));
    return table;
  }

  _requests() {
    const make = (row) => el("tr", {},
      el("td", {}, moment(row.at)),
      el("td", {}, el("code", {}, row.method)),
      el("td.wide", {}, el("code", { title: shown(row.target) }, shown(short(row.target, 64)))),
      el("td", {}, el(`span.status.${good(row.status) ? "pass" : "fail"}`, {}, row.status || "none")),
      el("td", {}, row.verdict === "accepted" ? "accepted" : el("span.fail", {}, shown(row.verdict))),
      el("td", {}, row.scenario ? el("span.chip.warn", { title: shown(row.scenario) }, shown(short(row.scenario, 24))) : ""),
      el("td", {}, this.#taskLink(row.task)));
    return this.#table(["Time", "", "Path", "Status", "Verdict", "Scenario", "Task"], this.requests, make, "No requests yet.");
  }

  _refused() {
    const make = (row) => el("tr", {},
      el("td", {}, moment(row.at)),
      el("td", {}, el("code", { title: shown(row.target) }, `${row.method} ${shown(short(row.target, 40))}`)),
      el("td", {}, el("span.status.fail", {}, row.status || "none")),
      el("td", {}, row.field ? el("code.field", {}, shown(row.field)) : ""),
      el("td.wide", { dir: "auto" }, shown(row.why || row.verdict)),
      el("td", {}, row.source ? el("code", { title: "The document and the line that say so" }, shown(row.source)) : ""));
    return this.#table(["Time", "Request", "Status", "Field", "What was wrong", "Stated in"], this.refused, make, "No request was refused.");
  }

  _callbacks() {
    const make = (row) => {
      const last = row.attempts.at(-1);
      const outcome = last ? last.status || last.error || "no answer" : "under way";
      return el("tr", {},
        el("td", {}, moment(row.due)),
        el("td", {}, this.#taskLink(row.task)),
        el("td", {}, shown(row.status), row.genuine ? "" : el("span.chip.warn", {}, "forged")),
        el("td.wide", {}, el("code", { title: shown(row.url) }, shown(short(row.url, 48)))),
        el("td", {}, `${row.attempts.length}`),
        el("td", {}, el(`span.status.${last && good(last.status) ? "pass" : "fail"}`, {}, shown(outcome))),
        el("td", {}, shown(row.state)),
        el("td", {}, el("button", { type: "button", onclick: () => this.resend(row) }, "Resend")));
    };
    return this.#table(["Due", "Task", "Tells", "To", "Attempts", "Answer", "State", ""], [...this.callbacks.values()].reverse(), make, "No callbacks yet: send a request with a callback address.");
  }

  _inbox() {
    const answers = el("select", { id: "inbox-answer", onchange: (event) => this.#answers(Number(event.target.value)) },
      ...this.answers.map((status) => el("option", { value: status, selected: status === this.answer }, String(status))));
    const rows = this.received.map((one) => this.#draw(one, (row) => el("details", {},
      el("summary", {}, moment(row.at), " ", el(`span.status.${good(row.answered) ? "pass" : "fail"}`, {}, `answered ${row.answered}`),
        " ", el("code", {}, shown(short(JSON.stringify(row.body) ?? "", 90)))),
      el("pre", { tabindex: "0", "aria-label": "Headers" }, Object.entries(row.headers).map(([name, value]) => `${name}: ${shown(value)}`).join("\n")),
      el("pre", { tabindex: "0", "aria-label": "Body" }, pretty(row.body)))));
    return el("div.inbox", {},
      el("p", {}, el("label", { for: "inbox-answer" }, "The inbox answers "), answers),
      rows.length ? el("div", {}, ...rows) : el("p.quiet", {}, "Nothing came in. Requests sent from here ask for callbacks to this inbox."));
  }

  async #answers(status) {
    try {
      this.answer = (await ask("/board/inbox", { account: this.account(), method: "POST", body: { answer: status } })).answer;
      say(`The inbox answers ${this.answer} from now on.`);
    } catch (error) { say(error.message, true); }
  }

  async resend(row) {
    try {
      const sent = await ask("/deliveries/send", { method: "POST", body: { task: row.task, status: row.status } });
      const last = sent.attempts.at(-1);
      say(`Sent ${row.status} again: ${last.status || last.error}.`, !good(last.status));
    } catch (error) { say(error.message, true); }
  }
}

export const good = (status) => status >= 200 && status < 300;
