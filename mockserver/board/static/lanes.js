// Tasks in lanes by the class of their state. Only cards that can be seen exist, however many tasks there are.

import { el, shown, short, span } from "./page.js";

const CARD = 88; // a card's height and the gap below it, as board.css has it
const MOST = 10_000; // tasks that are held, as the server has it
const SPARE = 3; // cards drawn above and below what is seen
const DWELL = 350; // a picture is fetched when its card has been seen so long, in milliseconds
const PAUSE = 120; // milliseconds from one picture to the next
const TITLES = { waiting: "Waiting", running: "Running", succeeded: "Succeeded", failed: "Failed" };
const EMPTY = {
  waiting: "A task appears here as soon as a request is accepted: send one.",
  running: "Tasks that are being worked on.",
  succeeded: "Tasks with results.",
  failed: "Tasks that ended without one.",
};

class Pictures {
  #waiting = new Map();
  #next = 0;

  /** Show the first result in `img` once it has been asked for long enough. */
  ask(img, url) {
    this.#waiting.set(img, setTimeout(() => this.#load(img, url), DWELL));
  }

  drop(img) {
    clearTimeout(this.#waiting.get(img));
    this.#waiting.delete(img);
  }

  #load(img, url) {
    const left = this.#next - performance.now();
    if (left > 0) {
      this.#waiting.set(img, setTimeout(() => this.#load(img, url), left));
      return;
    }
    this.#next = performance.now() + PAUSE;
    this.#waiting.delete(img);
    img.src = url;
  }
}

const pictures = new Pictures();

class Lane {
  constructor(name, open) {
    this.name = name;
    this.tasks = new Map(); // id -> row, the one that changed last is the last
    this.cards = new Map(); // id -> what is drawn of it
    this.open = open;
    this.order = [];
    this.current = "";
    this.count = el("span.count", {}, "0");
    this.list = el("ul", { role: "list" });
    this.empty = el("p.empty", {}, EMPTY[name] ?? "");
    // Where the window stands and how high it is, as events told: to ask for them after each change would make
    // the browser lay the page out anew every time.
    this.top = 0;
    this.height = 0;
    this.window = el("div.window", { onscroll: () => { this.top = this.window.scrollTop; this.draw(); } }, this.empty, this.list);
    new ResizeObserver(() => { this.height = this.window.clientHeight; this.draw(); }).observe(this.window);
    const id = `lane-${name}`;
    this.element = el("section.lane." + name, { "aria-labelledby": id },
      el("h3", { id }, el("span.dot", { "aria-hidden": "true" }), TITLES[name] ?? name, " ", this.count), this.window);
  }

  put(row) {
    this.tasks.delete(row.id);
    this.tasks.set(row.id, row);
    this.stale = true;
  }

  take(id) {
    if (this.tasks.delete(id)) this.stale = true;
  }

  refresh() {
    if (!this.stale) return;
    this.stale = false;
    const seen = this.order[Math.floor(this.top / CARD)];
    this.order = [...this.tasks.keys()].reverse();
    this.count.textContent = this.order.length.toLocaleString();
    this.empty.hidden = this.order.length > 0;
    this.list.style.height = `${this.order.length * CARD}px`;
    if (this.top > 0 && seen) {
      // Who reads further down keeps the place.
      const now = this.order.indexOf(seen);
      if (now >= 0) this.#scroll(now * CARD + (this.top % CARD));
    }
    if (!this.tasks.has(this.current)) this.current = this.order[0] ?? "";
    for (const [id, card] of this.cards) if (card.row !== this.tasks.get(id)) this.#drop(id);
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.top / CARD) - SPARE);
    const last = Math.min(this.order.length, Math.ceil((this.top + this.height) / CARD) + SPARE);
    const wanted = new Set(this.order.slice(first, last));
    for (const id of [...this.cards.keys()]) if (!wanted.has(id)) this.#drop(id);
    this.order.slice(first, last).forEach((id, n) => {
      let card = this.cards.get(id);
      if (!card) {
        card = this.#card(this.tasks.get(id));
        this.cards.set(id, card);
        this.list.append(card.item);
      }
      card.item.style.transform = `translateY(${(first + n) * CARD}px)`;
      card.item.setAttribute("aria-posinset", first + n + 1);
      card.item.setAttribute("aria-setsize", this.order.length);
      card.button.tabIndex = id === this.current ? 0 : -1;
    });
  }

  #scroll(top) {
    this.window.scrollTop = top;
    this.top = top;
  }

  #drop(id) {
    const card = this.cards.get(id);
    if (card.img) pictures.drop(card.img);
    card.item.remove();
    this.cards.delete(id);
  }

  #card(row) {
    const media = el("span.media", { "aria-hidden": "true" });
    let img = null;
    if (this.name === "succeeded" && row.kind !== "audio") {
      img = el("img", { alt: "", width: "64", height: "64", decoding: "async" });
      media.append(img, row.kind === "video" ? el("span.film", {}, "▶") : "");
      pictures.ask(img, `/__understudy__/board/thumbs/${encodeURIComponent(row.id)}`);
    } else {
      media.textContent = this.name === "succeeded" ? "♪" : this.name === "failed" ? "×" : "";
    }
    const spent = el("span.spent");
    const fill = el("span.fill");
    const name = shown(row.text || row.external_id || row.id);
    const facts = [row.results > 1 ? `${row.results} results` : "", row.reason, row.scenario].filter(Boolean).map(shown).join(" · ");
    const button = el("button.card", { type: "button", "data-task": row.id, onclick: () => this.open(row) },
      media,
      el("span.words", {},
        el("span.name", { dir: "auto" }, name),
        el("span.line", {}, el("span.state", {}, shown(row.status)), " ", spent),
        el("span.line.faint", { title: facts }, `${shown(row.kind)} · ${short(row.id, 14)}`, facts ? ` · ${facts}` : "")),
      this.name === "running" || this.name === "waiting" ? el("span.progress", { "aria-hidden": "true" }, fill) : null);
    return { row, img, button, spent, fill, item: el("li", {}, button) };
  }

  /** Times and progress of the cards that are seen; `now` gives the time of a task's account. */
  tick(now) {
    for (const { row, spent, fill } of this.cards.values()) {
      const time = now(row);
      const ended = this.name === "succeeded" || this.name === "failed";
      spent.textContent = ended ? `in ${span(row.changed - row.created)}` : span(Math.max(0, time - row.created));
      if (!ended) {
        const whole = (row.ends ?? time + 1) - row.created;
        fill.style.width = `${Math.max(2, Math.min(100, (100 * (time - row.created)) / Math.max(1, whole)))}%`;
      }
    }
  }

  focus(index) {
    const n = Math.max(0, Math.min(this.order.length - 1, index));
    const id = this.order[n];
    if (id === undefined) return false;
    this.current = id;
    const top = n * CARD;
    if (top < this.top) this.#scroll(top);
    if (top + CARD > this.top + this.height) this.#scroll(top + CARD - this.height);
    this.draw();
    this.cards.get(id)?.button.focus();
    return true;
  }
}

export class Lanes {
  constructor(place, names, open) {
    this.where = new Map(); // id -> lane, the oldest task first
    this.dropped = 0;
    this.lanes = new Map(names.map((name) => [name, new Lane(name, open)]));
    place.replaceChildren(...[...this.lanes.values()].map((lane) => lane.element));
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  clear() {
    this.where.clear();
    this.dropped = 0;
    for (const lane of this.lanes.values()) {
      lane.tasks.clear();
      lane.stale = true;
    }
  }

  put(row) {
    this.where.get(row.id)?.take(row.id);
    if (row.gone) {
      this.where.delete(row.id);
      return;
    }
    const lane = this.lanes.get(row.lane);
    lane.put(row);
    this.where.set(row.id, lane);
    if (this.where.size > MOST) {
      const oldest = this.where.keys().next().value;
      this.where.get(oldest).take(oldest);
      this.where.delete(oldest);
      this.dropped += 1;
    }
  }

  find(id) {
    return this.where.get(id)?.tasks.get(id);
  }

  get size() {
    return this.where.size;
  }

  refresh() {
    this.lanes.forEach((lane) => lane.refresh());
  }

  tick(now) {
    this.lanes.forEach((lane) => lane.tick(now));
  }

  focus(id) {
    const lane = this.where.get(id);
    return lane ? lane.focus(lane.order.indexOf(id)) : false;
  }

  #key(event) {
    const card = event.target.closest?.("button.card");
    if (!card) return;
    const all = [...this.lanes.values()];
    const at = all.findIndex((lane) => lane.element.contains(card));
    const lane = all[at];
    const index = lane.order.indexOf(card.dataset.task);
    const moves = {
      ArrowDown: () => lane.focus(index + 1),
      ArrowUp: () => lane.focus(index - 1),
      Home: () => lane.focus(0),
      End: () => lane.focus(lane.order.length - 1),
      PageDown: () => lane.focus(index + 5),
      PageUp: () => lane.focus(index - 5),
      ArrowRight: () => all.slice(at + 1).some((other) => other.focus(Math.min(index, other.order.length - 1))),
      ArrowLeft: () => all.slice(0, at).reverse().some((other) => other.focus(Math.min(index, other.order.length - 1))),
    };
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key]();
    }
  }
}
