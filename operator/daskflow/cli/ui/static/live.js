// Listens to the server for as long as somebody can see the page: a browser has six connections for all its tabs.
import { refresh } from "./ages.js";
import * as log from "./log.js";

const AGAIN = 2000;
let events = null;
let again = 0;

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Where the keyboard was in an element that is replaced, so that it does not start from the top of the page.
function place(old) {
  const active = document.activeElement;
  if (!active || !old.contains(active)) return () => {};
  const within = [...old.querySelectorAll("a, button, input, [tabindex]")].indexOf(active);
  return (fresh) => [...fresh.querySelectorAll("a, button, input, [tabindex]")][within]?.focus({ preventScroll: true });
}

function change({ elements, order }) {
  const fresh = new Map(Object.entries(elements).map(([id, html]) => [id, element(html)]));
  for (const [id, now] of fresh) {
    const old = document.getElementById(id);
    if (!old || old.outerHTML === now.outerHTML) continue;
    const focus = place(old);
    old.replaceWith(now);
    focus(now);
  }
  for (const [id, keys] of Object.entries(order)) {
    const list = document.getElementById(id);
    if (!list) continue;
    const wanted = new Set(keys);
    for (const child of [...list.children]) if (!wanted.has(child.id)) child.remove();
    keys.forEach((key, at) => {
      const child = document.getElementById(key) ?? fresh.get(key);
      if (child && list.children[at] !== child) list.insertBefore(child, list.children[at] ?? null);
    });
  }
  refresh();
}

// What the server itself cannot say: that it is gone.
function alone(is) {
  const state = document.getElementById("state");
  if (!state || !is) return;
  state.dataset.state = "gone";
  state.querySelector("[data-word]").textContent = "the program has ended, or is busy";
}

function open() {
  clearTimeout(again);
  if (events || document.hidden) return;
  const here = document.body.dataset.here;
  if (here === undefined) return;
  events = new EventSource(`/live?page=${encodeURIComponent(here)}`);
  events.addEventListener("page", (event) => change(JSON.parse(event.data)));
  events.addEventListener("logreset", log.reset);
  events.addEventListener("log", (event) => log.add(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    close();
    alone(true);
    again = setTimeout(open, AGAIN);
  });
}

function close() {
  events?.close();
  events = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
open();
