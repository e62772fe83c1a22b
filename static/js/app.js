// What every page gains when scripts run: swapped fragments, one submission at a time, menus, copies, fresh dates.
// Nothing here is needed to use the site. The other modules are loaded when the page has something for them; their
// addresses come from the script element in base.html, so that each may be cached under the mark of its content.
const own = document.querySelector("script[data-editor]").dataset;
const english = document.documentElement.lang === "en";
const say = (french, inEnglish) => (english ? inEnglish : french);
const wait = (milliseconds, work) => {
  let timer;
  const later = (...args) => { clearTimeout(timer); timer = setTimeout(() => work(...args), milliseconds); };
  later.cancel = () => clearTimeout(timer);
  return later;
};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Two places for words: one that only screen readers hear, one that everybody sees for a while.
const live = make("div", { class: "hidden-text", role: "status" });
const toasts = make("div", { class: "toasts", role: "status" });
document.body.append(live, toasts);
function announce(text) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 60); }
function toast(text) {
  const shown = make("div", {}, text);
  toasts.append(shown);
  setTimeout(() => shown.remove(), 6000);
}

// Only the last question asked of an address is answered: the one before is given up.
function latest() {
  let running;
  return async (address) => {
    running?.abort();
    running = new AbortController();
    try {
      const response = await fetch(address, { signal: running.signal, headers: { "X-Fragment": "1" } });
      return response.ok && !response.redirected ? response : null;
    } catch { return null; }
  };
}

const load = async (name) => (await import(own[name]));
const tools = { say, wait, make, announce, toast, latest, load, addRow };

const modules = {
  search: ".find[data-complete]",
  editor: ".editor",
  drafts: "form[data-draft]",
  suggest: "form[data-suggest]",
  tags: "input[data-tags]",
  upload: ".editor[data-upload], .upload[data-upload]",
  deskScript: "[data-desk]",
  variables: "fieldset[data-variables]",
};
function start(root) {
  for (const [name, selector] of Object.entries(modules)) {
    const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
    if (found.length) load(name).then((module) => found.forEach((element) => module.start(element, tools)));
  }
  for (const button of root.querySelectorAll("[data-add-row][hidden]")) { button.hidden = false; button.previousElementSibling.hidden = true; }
  for (const field of root.querySelectorAll("textarea[maxlength], input[maxlength][data-count]")) count(field);
}

// One more row of a form: the blank one that its <template> holds, under the next number. data-add-row: the most there may be.
function addRow(button) {
  const rows = button.closest("fieldset").querySelector("ol");
  const model = button.closest("fieldset").querySelector("template");
  if (!model || rows.children.length >= Number(button.dataset.addRow)) return null;
  const row = model.content.firstElementChild.cloneNode(true);
  const number = rows.children.length;
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replaceAll(model.dataset.row, `${button.dataset.list}-${number}-`);
  }
  rows.append(row);
  start(row);
  button.hidden = rows.children.length >= Number(button.dataset.addRow);
  return row;
}

// Room left, said only when it gets short.
function count(field) {
  const left = make("span", { class: "count" });
  (field.closest(".editor") ?? field).after(left);
  const show = () => {
    const rest = field.maxLength - field.value.length;
    left.textContent = rest < field.maxLength / 5 ? say(`encore ${rest} caractères`, `${rest} characters left`) : "";
  };
  field.addEventListener("input", show);
  show();
}

// Forms: ask first when asked to, send once, and replace only what changed when the form names it (data-swap).
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  const busy = form.id === "do" ? button : form;
  if (form.method !== "post") return;
  if (busy?.dataset.busy) { event.preventDefault(); return; }
  if (question && !window.confirm(question)) { event.preventDefault(); form.dispatchEvent(new Event("refused")); return; }
  const selectors = (button?.dataset.swap ?? form.dataset.swap ?? "").split(",").filter(Boolean);
  setBusy(busy, button, true);
  if (button?.hasAttribute("data-forget")) forget();
  if (selectors.some((selector) => document.querySelector(selector))) {
    event.preventDefault();
    swap(form, button, selectors).finally(() => setBusy(busy, button, false));
  }
});
window.addEventListener("pageshow", () => {
  for (const element of document.querySelectorAll("[data-busy]")) setBusy(element, element.querySelector(".busy"), false);
});
// Whoever signs out of a shared computer leaves no draft on it.
function forget() {
  try { Object.keys(localStorage).filter((key) => key.startsWith("brouillon:")).forEach((key) => localStorage.removeItem(key)); } catch { /* nothing was kept */ }
}
function setBusy(element, button, on) {
  if (!element) return;
  if (on) element.dataset.busy = "1"; else delete element.dataset.busy;
  button?.classList.toggle("busy", on);
  button?.setAttribute("aria-disabled", String(on));
}

async function swap(form, button, selectors) {
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  let response;
  try {
    response = await fetch(address, { method: "POST", body: new FormData(form, button), headers: { "X-Fragment": "1" } });
  } catch {
    toast(say("Pas de connexion : rien n’a été envoyé, rien n’est perdu.", "No connection: nothing was sent, nothing is lost."));
    form.dispatchEvent(new Event("refused"));
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.ok && page.querySelector(selectors[0])) {
    selectors.forEach((selector) => replace(document.querySelector(selector), page.querySelector(selector)));
    if (form.hasAttribute("data-inlined")) form.remove();
    if (button?.dataset.swap) form.dispatchEvent(new Event("refused")); // one piece changed: the form itself is still being written
    announce(say("Enregistré", "Saved"));
  } else if (response.ok && response.redirected) {
    location.assign(response.url);
  } else {
    form.action = address;
    HTMLFormElement.prototype.submit.call(form);
  }
}

// Put the new piece in place of the old one; whoever was inside with the keyboard stays at the same place.
function replace(old, fresh) {
  if (!old || !fresh) return;
  const places = (element) => [...element.querySelectorAll("a[href], button, textarea, summary")];
  const at = places(old).indexOf(document.activeElement);
  old.replaceWith(fresh);
  start(fresh);
  if (at >= 0) (places(fresh)[at] ?? places(fresh).at(-1) ?? fresh).focus();
}

// A link to a page that is only a form (data-inline): the form comes here instead.
async function inline(link) {
  const place = document.querySelector(link.dataset.inline);
  const open = place?.parentElement.querySelector("form[data-inlined]");
  if (open) { open.querySelector("textarea, input:not([type=hidden])").focus(); return; }
  const response = await fetch(link.href).catch(() => null);
  const page = response?.ok && !response.redirected ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  const form = page?.querySelector("main form[data-swap]");
  if (!form || !place) { location.assign(link.href); return; }
  form.setAttribute("data-inlined", "");
  place.after(form);
  start(form);
  form.querySelector("textarea").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-inline]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); inline(link); return; }
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
  const adder = event.target.closest("[data-add-row]");
  if (adder) addRow(adder)?.querySelector("input, select, textarea").focus();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// data-copy names what to copy: an element of the page, or the page's own address.
async function copy(button) {
  const source = button.dataset.copy ? document.querySelector(button.dataset.copy) : null;
  const text = passage(button) || (source ? source.value ?? source.innerText : location.href.split("#")[0] + (button.dataset.anchor ?? ""));
  try {
    await navigator.clipboard.writeText(text);
    toast(say("Copié", "Copied"));
    if (button.dataset.copied) countCopy(button.dataset.copied);
  } catch { toast(say("La copie n’a pas été permise par le navigateur.", "The browser did not allow copying.")); }
}

// data-copied is told of the copy; whether it hears of it changes nothing for who copies.
function countCopy(address) {
  fetch(address, { method: "POST", body: new FormData(document.getElementById("do")), keepalive: true }).catch(() => null);
}

// data-passage names a text: what is selected in it is quoted alone, with the line that says where it comes from (data-source).
function passage(button) {
  const text = button.dataset.passage && document.querySelector(button.dataset.passage);
  const chosen = text && getSelection();
  if (!chosen || chosen.isCollapsed || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return "";
  const lines = chosen.toString().trim().split(/\n+/).filter((line) => line.trim());
  return lines.length ? [...lines, `— ${button.dataset.source}`].map((line) => `> ${line.trim()}`).join("\n>\n") + "\n" : "";
}
for (const button of document.querySelectorAll("[data-passage]")) {
  const words = button.lastChild, whole = words.textContent;
  document.addEventListener("selectionchange", () => { words.textContent = passage(button) ? say("Citer ce passage", "Quote this passage") : whole; });
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// « il y a 3 minutes » goes on being true while the page stays open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime][title]")) {
    const minutes = Math.round((Date.parse(time.dateTime) - Date.now()) / 60000);
    if (minutes > -1 || minutes < -1440) continue;
    time.textContent = minutes > -60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
  }
}, 60000);

// Tabs that do not fit run off the side: the present one is brought into sight, without moving the page.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest("ul");
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}
document.querySelector("[data-focus]")?.focus();
start(document);
load("keys").then((module) => module.start(tools));
