// Keys of one letter, off while somebody types, and for good where the list of keys says so.
const PAGES = { r: "/", c: "/clusters", s: "/schedules" };
const on = document.getElementById("keys-on");
let before = "";

try {
  if (on) on.checked = localStorage.getItem("keys") !== "off";
} catch {
  // a browser that stores nothing
}
on?.addEventListener("change", () => {
  try {
    localStorage.setItem("keys", on.checked ? "on" : "off");
  } catch {
    // as above
  }
});

function row(step) {
  const links = [...document.querySelectorAll("tbody a[data-row]")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  "?": () => document.getElementById("keys")?.showModal(),
  "/": () => document.getElementById("search")?.focus(),
  j: () => row(1),
  k: () => row(-1),
  n: () => document.querySelector("a[rel=next]")?.click(),
  p: () => document.querySelector("a[rel=prev]")?.click(),
  l: () => document.getElementById("log")?.focus(),
  f: () => document.getElementById("follow")?.click(),
  u: () => document.querySelector("a[data-up]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  if (on && !on.checked && event.key !== "?") return;
  const chord = before;
  before = "";
  if (chord === "g" && PAGES[event.key]) {
    event.preventDefault();
    location.assign(PAGES[event.key]);
  } else if (event.key === "g") {
    before = "g";
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});
