// Questions before anything is changed. A button names its dialog, and in lists what it is about.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-dialog]");
  if (!button) return;
  const dialog = document.getElementById(button.dataset.dialog);
  if (button.dataset.address) {
    dialog.querySelector("form").action = button.dataset.address;
    for (const name of dialog.querySelectorAll("[data-name]")) name.textContent = button.dataset.name;
  }
  dialog.showModal();
});

// One click is one request.
document.addEventListener("submit", (event) => {
  if (event.submitter?.formMethod === "dialog" || event.target.method !== "post") return;
  setTimeout(() => {
    for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  });
});

// A page that the browser keeps for "back" is as it was before.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const button of document.querySelectorAll("dialog button")) button.disabled = false;
});
