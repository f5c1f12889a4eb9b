// A request to send for each operation, and the same as curl, Python and JavaScript.

import { $, el, pretty, say, short, tabs } from "./page.js";

const LANGUAGES = [["curl", "curl"], ["python", "Python"], ["javascript", "JavaScript"]];

export class Example {
  constructor(rows, inbox, { sent, key }) {
    this.rows = rows;
    this.inbox = inbox;
    this.sent = sent;
    this.language = "curl";
    const groups = new Map();
    rows.forEach((row, n) => {
      const name = rows.some((other) => other.profile !== rows[0].profile) ? `${row.profile}: ${row.family}` : row.family;
      if (!groups.has(name)) groups.set(name, el("optgroup", { label: name }));
      groups.get(name).append(el("option", { value: n }, `${row.operation} (${short(row.family, 30)})`));
    });
    $("operation").replaceChildren(...groups.values());
    $("operation").addEventListener("change", () => this.choose());
    $("to-inbox").addEventListener("change", () => this.#address());
    for (const id of ["body", "key", "task-id", "to-inbox"]) $(id).addEventListener("input", () => this.#code());
    $("example").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    $("copy").addEventListener("click", () => this.#copy());
    if (key) $("key").value = key;
    tabs($("languages"), LANGUAGES, (id) => { this.language = id; this.#code(); }, "snippet");
    this.choose();
  }

  get row() { return this.rows[Number($("operation").value || 0)]; }

  choose() {
    const { row } = this;
    $("body-field").hidden = row.body === undefined;
    $("id-field").hidden = row.operation !== "query";
    $("inbox-check").hidden = !row.callback;
    if (row.body !== undefined) $("body").value = JSON.stringify(row.body, null, 2);
    $("source-note").hidden = !row.source;
    if (row.source) $("source-note").textContent = `Put the id of a result of yours at ${row.source.place}: of ${row.source.families.join(", ")}.`;
    this.#address();
  }

  /** The task that a query asks for, unless somebody typed another. */
  suggest(id) {
    const field = $("task-id");
    if (!field.value || field.dataset.given === field.value) field.value = field.dataset.given = id;
    this.#code();
  }

  #address() {
    const { callback, body: given } = this.row;
    if (callback?.place === "body" && given !== undefined) {
      try {
        const body = JSON.parse($("body").value);
        const names = callback.name.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
        const place = names.slice(0, -1).reduce((value, name) => (value[name] ??= {}), body);
        const last = names.at(-1);
        if ($("to-inbox").checked) place[last] = this.inbox;
        else if (place[last] === this.inbox) delete place[last];
        $("body").value = JSON.stringify(body, null, 2);
      } catch { /* what is being typed is no JSON yet */ }
    }
    this.#code();
  }

  /** What is sent: {method, url, headers, body}, with the key where this API wants it. */
  get request() {
    const { row } = this;
    const id = $("task-id").value.trim() || "TASK_ID";
    const key = $("key").value.trim() || "demo";
    const url = new URL(location.origin + row.path.replaceAll("{id}", encodeURIComponent(id)));
    const headers = {};
    const value = row.key.scheme ? `${row.key.scheme} ${key}` : key;
    if (row.key.place === "query") url.searchParams.set(row.key.name, key);
    else headers[row.key.name] = value;
    Object.assign(headers, row.headers);
    if (row.body !== undefined) headers["Content-Type"] = "application/json";
    if (row.callback && $("to-inbox").checked) {
      if (row.callback.place === "query") url.searchParams.set(row.callback.name, this.inbox);
      if (row.callback.place === "header") headers[row.callback.name] = this.inbox;
    }
    const body = row.body === undefined ? undefined : row.operation === "create" ? $("body").value : $("body").value.replaceAll("{id}", id);
    return { method: row.method, url: String(url), key, headers, body };
  }

  #code() {
    $("snippet").textContent = code[this.language](this.request);
  }

  async #copy() {
    await navigator.clipboard.writeText($("snippet").textContent);
    say("Copied.");
  }

  async send() {
    const { method, url, key, headers, body } = this.request;
    const place = $("answer");
    $("send").disabled = true;
    try {
      const answer = await fetch(url, { method, body, headers });
      const text = await answer.text();
      let value = text;
      try { value = JSON.parse(text); } catch { /* shown as it is */ }
      place.replaceChildren(
        el(`p.answered.${answer.ok ? "pass" : "fail"}`, {}, `Answered ${answer.status}`),
        el("pre", { tabindex: "0", "aria-label": "Answer" }, pretty(value)));
      this.sent(key);
    } catch (error) {
      place.replaceChildren(el("p.answered.fail", {}, `No answer: ${error.message}`));
    } finally {
      $("send").disabled = false;
    }
  }
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A JSON value as Python writes it. */
function literal(value, indent = "") {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const parts = Array.isArray(value)
    ? value.map((part) => `${inner}${literal(part, inner)},\n`)
    : Object.entries(value).map(([name, part]) => `${inner}${JSON.stringify(name)}: ${literal(part, inner)},\n`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${open}\n${parts.join("")}${indent}${close}` : open + close;
}

function parsed(body) {
  try { return { value: JSON.parse(body) }; } catch { return null; }
}

const code = {
  curl({ method, url, headers, body }) {
    const lines = [`curl -sS ${method === "GET" ? "" : `-X ${method} `}${quoted(url)}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`  -H ${quoted(`${name}: ${value}`)}`);
    if (body !== undefined) lines.push(`  -d ${quoted(parsed(body) ? JSON.stringify(parsed(body).value) : body)}`);
    return lines.join(" \\\n");
  },
  python({ method, url, headers, body }) {
    const value = body === undefined ? null : parsed(body);
    const data = body === undefined ? "" : value ? `    data=json.dumps(${literal(value.value, "    ")}).encode(),\n` : `    data=${JSON.stringify(body)}.encode(),\n`;
    return `import json\nfrom urllib.request import Request, urlopen\n\nrequest = Request(\n    ${JSON.stringify(url)},\n    method=${JSON.stringify(method)},\n`
      + `    headers=${literal(headers, "    ")},\n${data})\nwith urlopen(request) as answer:\n    print(json.load(answer))`;
  },
  javascript({ method, url, headers, body }) {
    const value = body === undefined ? null : parsed(body);
    const indented = (what) => JSON.stringify(what, null, 2).replaceAll("\n", "\n  ");
    const data = body === undefined ? "" : value ? `  body: JSON.stringify(${indented(value.value)}),\n` : `  body: ${JSON.stringify(body)},\n`;
    return `const answer = await fetch(${JSON.stringify(url)}, {\n  method: ${JSON.stringify(method)},\n`
      + `  headers: ${indented(headers)},\n${data}});\nconsole.log(await answer.json());`;
  },
};
