// Small helpers of every part of the page. What comes from outside is only ever set as text.

export const ROOT = "/__understudy__";
export const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

/** An element: el("button.primary", {type: "button", onclick}, "Send"). Strings become text nodes. */
export function el(name, props = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return fill(document.createElement(tag), classes, props, children);
}

/** The same for drawings: svg("rect", {x: 1}). */
export function svg(name, props = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return fill(document.createElementNS(SVG, tag), classes, props, children);
}

function fill(node, classes, props, children) {
  if (classes.length) node.classList.add(...classes);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** 350 -> "350 ms", 1500 -> "1.5 s", 125000 -> "2 min 5 s". Negative times keep their sign. */
export function span(ms) {
  const sign = ms < 0 ? "−" : "";
  const n = Math.abs(ms);
  if (n < 1000) return `${sign}${Math.round(n)} ms`;
  if (n < 60_000) return `${sign}${(n / 1000).toFixed(1)} s`;
  const seconds = Math.round(n / 1000);
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${sign}${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const TIME = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** A moment of a clock as hours, minutes, seconds. */
export function moment(ms) {
  return TIME.format(ms);
}

/** Make `wanted` the children of `place`; those that are there already are not touched. */
export function settle(place, wanted) {
  const kept = new Set(wanted);
  for (const child of [...place.childNodes]) if (!kept.has(child)) child.remove();
  let at = place.firstChild;
  for (const child of wanted) {
    if (child === at) at = at.nextSibling;
    else place.insertBefore(child, at);
  }
}

/** What is too long to show, cut in the middle. */
export function short(text, most = 26) {
  return text.length <= most ? text : `${text.slice(0, most - 7)}…${text.slice(-6)}`;
}

/** Characters that would move or hide what stands beside them, made visible. */
export function shown(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}

export function pretty(value) {
  if (value === null || value === undefined) return "";
  return shown(typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

/** Tell a person, on screen and by screen reader, what a command has done. */
export function say(text, bad = false) {
  const place = $("said");
  place.textContent = shown(text);
  place.classList.toggle("bad", bad);
}

/** A row of tabs: `names` are [id, label]; `choose(id)` is called for the chosen one. Arrow keys move. */
export function tabs(place, names, choose, controls) {
  const buttons = names.map(([id, label]) =>
    el("button", { type: "button", role: "tab", id: `${place.id}-${id}`, "aria-controls": controls, onclick: () => pick(id) }, label),
  );
  function pick(id, focus = false) {
    buttons.forEach((button, n) => {
      const mine = names[n][0] === id;
      button.setAttribute("aria-selected", mine);
      button.tabIndex = mine ? 0 : -1;
      if (mine && focus) button.focus();
    });
    $(controls).setAttribute("aria-labelledby", `${place.id}-${id}`);
    choose(id);
  }
  place.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = names.findIndex(([id]) => $(`${place.id}-${id}`).getAttribute("aria-selected") === "true");
    pick(names[(now + step + names.length) % names.length][0], true);
  });
  place.replaceChildren(...buttons);
  pick(names[0][0]);
  return { pick, button: (id) => $(`${place.id}-${id}`) };
}
