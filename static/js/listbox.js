// A list of proposals under a field, chosen with the arrows or the pointer: search, tags, mentions and citations share it.
// options: { field, place (element the list is put in), choose(item), render(item) → nodes, label }.
let made = 0;

export function listbox({ field, place, choose, render, label }, { make, say, announce }) {
  const id = `liste-${++made}`;
  const list = make("ul", { class: "complete", role: "listbox", id, "aria-label": label });
  let items = [];
  let at = -1;
  list.hidden = true;
  place.append(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", id);
  if (field.tagName === "INPUT") { field.setAttribute("role", "combobox"); field.setAttribute("aria-expanded", "false"); }

  function close() {
    list.hidden = true;
    items = [];
    at = -1;
    field.removeAttribute("aria-activedescendant");
    if (field.tagName === "INPUT") field.setAttribute("aria-expanded", "false");
  }
  function show(found, first = -1) {
    items = found;
    if (!items.length) { close(); return; }
    list.replaceChildren(...items.map((item, n) => make("li", { role: "option", id: `${id}-${n}`, "aria-selected": "false" }, ...render(item))));
    list.hidden = false;
    if (field.tagName === "INPUT") field.setAttribute("aria-expanded", "true");
    announce(items.length === 1 ? say("1 proposition", "1 suggestion") : say(`${items.length} propositions`, `${items.length} suggestions`));
    mark(first);
  }
  function mark(n) {
    at = n;
    [...list.children].forEach((option, m) => option.setAttribute("aria-selected", String(m === at)));
    if (at < 0) { field.removeAttribute("aria-activedescendant"); return; }
    field.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) { const item = items[[...list.children].indexOf(option)]; close(); choose(item); }
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark((at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length);
    else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) { const item = items[at]; close(); choose(item); }
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  field.addEventListener("blur", () => setTimeout(close, 120));
  return { show, close, list };
}
