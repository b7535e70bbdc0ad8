// Lines of a run's log, as text. The newest stay in sight while "follow" is on and nobody has scrolled up.
const MOST = 5000;
const log = document.getElementById("log");
const end = document.getElementById("log-end");
const follow = document.getElementById("follow");
let pod = null;

export function reset() {
  if (!log) return;
  log.replaceChildren();
  end.textContent = "";
  pod = null;
}

function mark(text) {
  const line = document.createElement("span");
  line.className = "pod";
  line.textContent = text;
  return line;
}

export function add({ lines, left_out: left, end: last }) {
  if (!log) return;
  const fresh = document.createDocumentFragment();
  if (left) fresh.append(mark(`… ${left} lines came too fast to be shown …`));
  for (const [of, text] of lines) {
    if (of !== pod) fresh.append(mark((pod = of)));
    fresh.append(`${text}\n`);
  }
  log.append(fresh);
  while (log.childNodes.length > MOST) log.firstChild.remove();
  if (last) end.textContent = last;
  if (follow.checked) log.scrollTop = log.scrollHeight;
}

follow?.addEventListener("change", () => {
  if (follow.checked) log.scrollTop = log.scrollHeight;
});
log?.addEventListener("wheel", unfollow, { passive: true });
log?.addEventListener("keydown", (event) => {
  if (["ArrowUp", "PageUp", "Home"].includes(event.key)) unfollow();
  if (event.key === "End") follow.checked = true;
});
log?.addEventListener("touchmove", unfollow, { passive: true });

// Whoever reads further up is left there.
function unfollow() {
  setTimeout(() => {
    follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  }, 50);
}
