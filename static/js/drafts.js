// Drafts: kept on the server two seconds after the last key, on this device while the server is out of reach.
export function start(form, { say, wait, make, addRow }) {
  if (form.dataset.ready) return;
  form.dataset.ready = "1";
  const key = `brouillon:${form.dataset.draft}`;
  const state = form.querySelector("[data-draft-state]") ?? form.appendChild(Object.assign(document.createElement("p"), { className: "muted small" }));
  const texts = () => [...form.elements].filter((one) => one.name && one.type !== "hidden" && !["BUTTON", "FIELDSET"].includes(one.tagName) && one.type !== "password");
  const ticks = (one) => ["checkbox", "radio"].includes(one.type);
  // What the form says now: every field's values, boxes that are not ticked left out, as a browser would send it.
  function written() {
    const fields = {};
    for (const one of texts()) {
      if (ticks(one) && !one.checked) continue;
      (fields[one.name] ??= []).push(...(one.type === "select-multiple" ? [...one.selectedOptions].map((option) => option.value) : [one.value]));
    }
    return fields;
  }
  const local = (work) => { try { return work(localStorage); } catch { return null; } };
  const away = make("button", { type: "button", class: "linklike small", hidden: "" }, say("Effacer le brouillon", "Discard the draft"));
  state.after(away);
  let saved = "";
  let sent = false;
  function tell(words) {
    state.textContent = words;
    away.hidden = false;
  }

  async function discard() {
    if (!window.confirm(say("Effacer ce brouillon ?", "Discard this draft?"))) return;
    sent = true;
    later.cancel();
    local((store) => store.removeItem(key));
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token?.value ?? "");
    body.set("target", form.dataset.draft);
    await fetch(`${form.dataset.draftUrl}/retrait`, { method: "POST", body, headers: { "X-Fragment": "1" } }).catch(() => null);
    location.assign(location.pathname + location.search);
  }

  async function save(leaving = false) {
    const body = new FormData(form);
    const fields = JSON.stringify(written());
    if (sent || fields === saved) return;
    body.set("target", form.dataset.draft);
    const response = await fetch(form.dataset.draftUrl, { method: "POST", body, headers: { "X-Fragment": "1" }, keepalive: leaving }).catch(() => null);
    const answer = response?.ok && !response.redirected ? await response.json().catch(() => null) : null;
    if (sent) return;
    if (answer) {
      saved = fields;
      local((store) => store.removeItem(key));
      tell(say(`Brouillon enregistré à ${answer.saved_at}`, `Draft saved at ${answer.saved_at}`));
    } else {
      local((store) => store.setItem(key, fields));
      tell(say("Brouillon gardé sur cet appareil", "Draft kept on this device"));
    }
  }
  // A field that somebody already filled is never overwritten; rows that the draft has and the page has not are added.
  function fill(fields) {
    const done = Object.entries(fields ?? {}).filter(([name, value]) => {
      const values = [].concat(value);
      const row = name.match(/^(.+?)-\d+-/);
      const add = row && form.querySelector(`#${CSS.escape(row[1])} [data-add-row]`);
      while (add && !form.elements[name] && addRow(add));
      const group = texts().filter((one) => one.name === name);
      const before = JSON.stringify(written()[name]);
      for (const one of group) put(one, values, group);
      if (JSON.stringify(written()[name]) === before) return false;
      group[0].dispatchEvent(new Event("input", { bubbles: true }));
      return true;
    });
    if (done.length) tell(say("Brouillon retrouvé", "Draft restored"));
  }
  function put(one, values, group) {
    if (ticks(one)) { if (!group.some((other) => other.checked && !values.includes(other.value))) one.checked = values.includes(one.value); return; }
    if (one.type === "select-multiple") { if (!one.selectedOptions.length) for (const option of one.options) option.selected = values.includes(option.value); return; }
    if (!one.value && typeof values[0] === "string") one.value = values[0];
  }
  async function recall() {
    const here = local((store) => JSON.parse(store.getItem(key)));
    if (here) { fill(here); return; }
    if ("recalled" in form.dataset || !texts().some((one) => one.tagName === "TEXTAREA" && !one.value)) return;
    const response = await fetch(`${form.dataset.draftUrl}?target=${encodeURIComponent(form.dataset.draft)}`).catch(() => null);
    const answer = response?.ok && !response.redirected ? await response.json().catch(() => null) : null;
    fill(answer?.fields);
  }
  const later = wait(2000, save);
  saved = JSON.stringify(written());
  away.addEventListener("click", discard);
  // A page for something new that comes already filled in comes from its draft.
  if ("recalled" in form.dataset || !/:(edit|change)$/.test(form.dataset.draft) && texts().some((one) => one.tagName === "TEXTAREA" && one.value) && !form.querySelector(".summary-errors")) tell(say("Brouillon retrouvé", "Draft restored"));
  form.addEventListener("focusin", recall, { once: true });
  form.addEventListener("input", later);
  form.addEventListener("submit", () => { sent = true; later.cancel(); local((store) => store.removeItem(key)); });
  for (const [place, back] of [[window, "pageshow"], [form, "refused"]]) place.addEventListener(back, () => { sent = false; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && form.isConnected) { later.cancel(); save(true); } });
}
