// The editor: a textarea gains a toolbar, shortcuts, a preview and completion.
export function start(box, tools) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  edit(box, tools);
}

// Text enters through the browser's own command, so that Ctrl+Z undoes it.
function insert(area, text, from = area.selectionStart, to = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(area, before, after, empty) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const chosen = value.slice(from, to) || empty;
  const inside = value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after;
  if (inside) {
    insert(area, value.slice(from, to), from - before.length, to + after.length);
    area.setSelectionRange(from - before.length, to - before.length);
    return;
  }
  insert(area, before + chosen + after, from, to);
  area.setSelectionRange(from + before.length, from + before.length + chosen.length);
}

function prefix(area, mark) {
  const { value } = area;
  const from = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = value.indexOf("\n", area.selectionEnd);
  const to = end < 0 ? value.length : end;
  const lines = value.slice(from, to).split("\n");
  const marked = lines.every((line, n) => line.startsWith(mark(n)));
  const next = lines.map((line, n) => (marked ? line.slice(mark(n).length) : mark(n) + line)).join("\n");
  const gap = !marked && from > 1 && value[from - 2] !== "\n" && !value.slice(0, from - 1).split("\n").pop().startsWith(mark(0).trim()) ? "\n" : "";
  insert(area, gap + next, from, to);
}

function block(area, text) {
  const before = area.value.slice(0, area.selectionEnd);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  insert(area, gap + text, area.selectionEnd, area.selectionEnd);
}

function note(area) {
  const number = 1 + Math.max(0, ...[...area.value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1])));
  insert(area, `[^${number}]`, area.selectionEnd, area.selectionEnd);
  const text = `\n\n[^${number}]: `;
  insert(area, text, area.value.length, area.value.length);
}

function link(area, { say }) {
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
  const address = /^https?:\/\/\S+$/.test(chosen);
  const from = area.selectionStart;
  insert(area, address ? `[${say("texte", "text")}](${chosen})` : `[${chosen || say("texte", "text")}](https://)`);
  const words = address ? say("texte", "text").length : 0;
  if (address) area.setSelectionRange(from + 1, from + 1 + words);
  else area.setSelectionRange(area.selectionEnd - 1, area.selectionEnd - 1);
}

function edit(box, tools) {
  const { say } = tools;
  const area = box.querySelector("textarea");
  const bar = box.querySelector(".toolbar");
  const preview = box.querySelector(".preview");
  const see = bar.querySelector("[data-do=preview]");
  const actions = {
    bold: () => wrap(area, "**", "**", say("gras", "bold")),
    italic: () => wrap(area, "*", "*", say("italique", "italic")),
    list: () => prefix(area, () => "- "),
    numbers: () => prefix(area, (n) => `${n + 1}. `),
    quote: () => prefix(area, () => "> "),
    link: () => link(area, tools),
    table: () => block(area, say("| Critère | Poids |\n|---|---:|\n| Prix | 40 % |\n| Valeur technique | 60 % |\n\n", "| Criterion | Weight |\n|---|---:|\n| Price | 40% |\n| Technical value | 60% |\n\n")),
    note: () => note(area),
    preview: () => togglePreview(),
  };
  async function togglePreview() {
    const open = preview.hidden;
    if (open) {
      const body = new FormData();
      body.set("body", area.value);
      body.set("csrf_token", area.form?.elements.csrf_token?.value ?? "");
      const response = await fetch(box.dataset.previewUrl, { method: "POST", body, headers: { "X-Fragment": "1" } }).catch(() => null);
      const answer = response?.ok ? await response.json().catch(() => null) : null;
      if (!answer) { tools.toast(say("L’aperçu n’est pas disponible pour l’instant.", "The preview is not available right now.")); return; }
      // The server's own sanitiser made this HTML, the same that will be published.
      preview.innerHTML = answer.html || `<p class="muted">${say("Rien à montrer encore.", "Nothing to show yet.")}</p>`;
      for (const words of answer.notices ?? []) preview.prepend(tools.make("p", { class: "note warn" }, words));
      preview.style.minHeight = `${area.offsetHeight}px`;
    }
    preview.hidden = !open;
    area.hidden = open;
    see.setAttribute("aria-pressed", String(open));
    for (const button of bar.querySelectorAll("button")) if (button !== see) button.disabled = open;
    (open ? see : area).focus();
  }
  bar.hidden = false;
  bar.addEventListener("click", (event) => actions[event.target.closest("[data-do]")?.dataset.do]?.());
  rove(bar);
  area.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const act = { b: actions.bold, i: actions.italic, k: actions.link, Enter: () => area.form?.requestSubmit() }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  area.addEventListener("keydown", (event) => continueList(area, event));
  complete(box, area, tools);
}

// One stop in the tab order for the whole toolbar; the arrows move inside it.
function rove(bar) {
  const buttons = [...bar.querySelectorAll("button")];
  buttons.forEach((button, n) => { button.tabIndex = n ? -1 : 0; });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = buttons.indexOf(document.activeElement);
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
    event.preventDefault();
  });
}

// Enter inside a list opens the next item; on an empty item it ends the list.
function continueList(area, event) {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  const { selectionStart: at, selectionEnd: to, value } = area;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const found = at === to && /^(\s*)([-*+]|(\d+)\.|>) (.*)$/.exec(value.slice(from, at));
  if (!found) return;
  event.preventDefault();
  if (!found[4]) insert(area, "\n", from, at);
  else insert(area, `\n${found[1]}${found[3] ? `${Number(found[3]) + 1}.` : found[2]} `);
}

async function complete(box, area, tools) {
  const sources = [
    { sign: "@", url: box.dataset.mentionUrl, label: tools.say("Membres", "Members"), text: (item) => `@[${item.name}](member:${item.id}) ` },
    { sign: "#", url: box.dataset.citeUrl, label: tools.say("Contenus à citer", "Content to cite"), text: (item) => `[[${item.ref}]] ` },
  ].filter((source) => source.url);
  if (!sources.length) return;
  const { listbox } = await tools.load("listbox");
  const ask = tools.latest();
  let from = 0;
  let source = sources[0];
  box.classList.add("anchor");
  const menu = listbox({
    field: area,
    place: box,
    label: tools.say("Propositions", "Suggestions"),
    choose: (item) => insert(area, source.text(item), from, area.selectionEnd),
    render: (item) => [item.name ?? item.title, ...(item.detail ? [tools.make("small", {}, item.detail)] : [])],
  }, tools);
  area.addEventListener("input", tools.wait(150, async () => {
    const before = area.value.slice(0, area.selectionEnd);
    const found = /(^|[\s(«])([@#])([\p{L}\d][\p{L}\d' ’-]{0,40})$/u.exec(before);
    source = sources.find((one) => one.sign === found?.[2]);
    if (!source || found[3].split(" ").length > 4) { menu.close(); return; }
    from = before.length - found[3].length - 1;
    const response = await ask(`${source.url}?q=${encodeURIComponent(found[3].trim())}`);
    if (!response || area.value.slice(0, area.selectionEnd) !== before) return;
    menu.show(await response.json(), 0);
    place(menu.list, area, from);
  }));
}

// Where a character of the textarea is on the screen: a copy of the text, laid out the same way, tells.
function place(list, area, at) {
  const mirror = document.createElement("div");
  const style = getComputedStyle(area);
  for (const name of ["font", "padding", "border", "lineHeight", "letterSpacing", "boxSizing"]) mirror.style[name] = style[name];
  Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${area.offsetWidth}px` });
  const mark = document.createElement("span");
  mark.textContent = area.value.slice(at) || ".";
  mirror.append(area.value.slice(0, at), mark);
  area.parentElement.append(mirror);
  const left = Math.min(mark.offsetLeft, Math.max(0, area.offsetWidth - 260));
  const top = area.offsetTop + mark.offsetTop - area.scrollTop + parseFloat(style.lineHeight || "24");
  mirror.remove();
  Object.assign(list.style, { left: `${left}px`, top: `${top}px` });
}
