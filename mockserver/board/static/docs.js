// The reference of a profile: Redoc draws the document as it is played.

import { $, el } from "./page.js";
import { ask } from "./live.js";

async function show(profile) {
  // A document of a hundred operations takes some seconds, in which the page answers nothing.
  $("link").textContent = "Drawing the reference…";
  const place = $("reference");
  try {
    const answer = await fetch(`/__understudy__/openapi.json?profile=${encodeURIComponent(profile)}`, { headers: headers() });
    const document_ = await answer.json();
    if (!answer.ok) throw new Error(document_.error);
    place.replaceChildren(el("div"));
    await painted();
    globalThis.Redoc.init(document_, { hideDownloadButton: true, hideLoading: true, disableSearch: false, nativeScrollbars: true,
      expandResponses: "200", jsonSampleExpandLevel: 4 }, place.firstChild);
    document.title = `${profile}: API reference, Understudy`;
    history.replaceState(null, "", `?profile=${encodeURIComponent(profile)}${location.hash}`);
    $("link").textContent = "";
  } catch (error) {
    $("link").textContent = error.message;
  }
}

/** When what was changed is on the screen; in a page that is not shown, soon. */
function painted() {
  if (document.hidden) return undefined;
  return new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
}

function headers() {
  const key = sessionStorage.getItem("understudy-key");
  return key ? { Authorization: `Bearer ${key}` } : {};
}

const { profiles } = await ask("");
$("profile").replaceChildren(...profiles.map((name) => el("option", { value: name }, name)));
const wanted = new URLSearchParams(location.search).get("profile");
if (profiles.includes(wanted)) $("profile").value = wanted;
$("profile").addEventListener("change", () => show($("profile").value));
show($("profile").value);
