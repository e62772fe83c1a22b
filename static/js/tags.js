// Tags: a plain comma-separated field becomes chips, with those that exist proposed while one types. With data-tags-one
// the field takes one tag only, by the name of its property (« slug »).
export async function start(source, tools) {
  if (source.dataset.ready) return;
  source.dataset.ready = "1";
  await (source.dataset.tagsOne ? one(source, tools) : many(source, tools));
}

async function one(source, tools) {
  const { listbox } = await tools.load("listbox");
  const ask = tools.latest();
  const anchor = tools.make("div", { class: "anchor" });
  source.before(anchor);
  anchor.append(source);
  const box = listbox({
    field: source,
    place: anchor,
    label: tools.say("Propositions", "Suggestions"),
    choose: (item) => { source.value = item[source.dataset.tagsOne]; },
    render: (item) => [item.label, ...(item.detail ? [tools.make("small", {}, item.detail)] : [])],
  }, tools);
  source.addEventListener("input", tools.wait(180, async () => {
    const text = source.value.trim();
    const response = text && (await ask(`${source.dataset.tags}?q=${encodeURIComponent(text)}`));
    if (response && source.value.trim() === text) box.show(await response.json());
    else box.close();
  }));
}

async function many(source, tools) {
  const { listbox } = await tools.load("listbox");
  const { make, say, announce } = tools;
  const ask = tools.latest();
  const id = source.id;
  const words = source.value.split(",").map((word) => word.trim()).filter(Boolean);
  const field = make("input", { type: "text", id, maxlength: "60", autocomplete: "off", "aria-describedby": source.getAttribute("aria-describedby") });
  const tokens = make("div", { class: "tokens" }, field);
  const anchor = make("div", { class: "anchor" }, tokens);
  source.id = `${id}-mots`;
  source.hidden = true;
  source.after(anchor);

  // A word that no tag has yet is marked as new, and the tags it is part of are offered in its place; the server, which
  // would ask the same question, is told that it was asked.
  const fresh = new Set();
  const hint = make("p", { class: "hint near-tags", role: "status" });
  const told = source.form?.elements[`${source.name}-nouvelles`];
  const plain = (word) => word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  anchor.after(hint);
  async function look(word) {
    const response = await fetch(`${source.dataset.tags}?q=${encodeURIComponent(word)}`, { headers: { "X-Fragment": "1" } }).catch(() => null);
    const found = response?.ok ? await response.json() : null;
    if (!found || !words.includes(word) || found.some((item) => plain(item.label) === plain(word))) return;
    fresh.add(word);
    draw();
    const near = found.filter((item) => !words.includes(item.label)).slice(0, 3);
    hint.replaceChildren(say(`« ${word} » est une nouvelle étiquette. `, `“${word}” is a new tag. `), ...(near.length ? [say("Il existe déjà : ", "There is already: ")] : []));
    for (const { label } of near) {
      const instead = make("button", { type: "button", class: "chip" }, label);
      instead.addEventListener("click", () => { words.splice(words.indexOf(word), 1, label); draw(); field.focus(); });
      hint.append(instead, " ");
    }
    if (near.length && told) told.value = [told.value, word].filter(Boolean).join(",");
  }

  function draw() {
    if (![...fresh].some((word) => words.includes(word))) hint.replaceChildren();
    source.value = words.join(", ");
    source.dispatchEvent(new Event("input", { bubbles: true }));
    tokens.querySelectorAll(".chip").forEach((chip) => chip.remove());
    field.before(...words.map((word) => {
      const off = make("button", { type: "button", "aria-label": say(`Retirer « ${word} »`, `Remove “${word}”`) }, "×");
      off.addEventListener("click", () => { words.splice(words.indexOf(word), 1); draw(); field.focus(); });
      return make("span", { class: "chip" }, word, ...(fresh.has(word) ? [make("small", {}, say("nouvelle", "new"))] : []), off);
    }));
  }
  function add(word, known = false) {
    const clean = word.replaceAll(",", " ").trim().slice(0, 60);
    field.value = "";
    if (!clean || words.some((one) => one.toLowerCase() === clean.toLowerCase())) return;
    words.push(clean);
    draw();
    announce(say(`« ${clean} » ajoutée`, `“${clean}” added`));
    if (!known) look(clean);
  }
  const box = listbox({
    field,
    place: anchor,
    label: say("Propositions", "Suggestions"),
    choose: (item) => add(item.label, true),
    render: (item) => [item.label, ...(item.detail ? [make("small", {}, item.detail)] : [])],
  }, tools);
  const complete = tools.wait(180, async () => {
    const text = field.value.trim();
    if (!text) { box.close(); return; }
    const response = await ask(`${source.dataset.tags}?q=${encodeURIComponent(text)}`);
    if (response && field.value.trim() === text) box.show((await response.json()).filter((item) => !words.includes(item.label)));
  });
  field.addEventListener("input", () => {
    if (field.value.includes(",")) { field.value.split(",").forEach((word) => add(word)); box.close(); }
    complete();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value.trim()) { event.preventDefault(); add(field.value); box.close(); }
    if (event.key === "Backspace" && !field.value && words.length) { words.pop(); draw(); }
  });
  field.addEventListener("blur", () => setTimeout(() => add(field.value), 150));
  // Somebody else (a restored draft) wrote in the plain field: the chips follow.
  source.addEventListener("input", () => {
    if (source.value === words.join(", ")) return;
    words.splice(0, words.length, ...source.value.split(",").map((word) => word.trim()).filter(Boolean));
    draw();
  });
  tokens.addEventListener("click", (event) => { if (event.target === tokens) field.focus(); });
  draw();
}
