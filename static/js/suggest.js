// While a title or a text is being typed, what peers already asked and learnt appears beside it (data-suggest-into); a
// link after the title, that only the keyboard meets, leads there. Whoever was shown it is not asked again on publishing.
export function start(form, { make, wait, latest, announce, say }) {
  const place = document.querySelector(form.dataset.suggestInto ?? "[data-suggestions]");
  const fields = ["title", "body"].map((name) => form.elements[name]).filter(Boolean);
  if (!place || !fields.length) return;
  const ask = latest();
  const way = make("a", { class: "skip here", href: `#${place.id}`, hidden: "" });
  const after = fields[0].closest(".field") ?? fields[0];
  after.append(way);
  place.tabIndex = -1;
  const narrow = matchMedia("(max-width: 52rem)");
  const home = document.createComment("proches");
  place.before(home);
  const settle = () => (narrow.matches ? after.after(place) : home.after(place));
  narrow.addEventListener("change", settle);
  settle();

  let shown = "";
  const look = wait(250, async () => {
    const [title = "", body = ""] = fields.map((field) => field.value.trim());
    const query = new URLSearchParams({ title: title.slice(0, 300), body: body.slice(0, 1500) });
    const response = title.length + body.length < 8 ? null : await ask(`${form.dataset.suggest}?${query}`);
    if (!response && title.length + body.length >= 8) return;
    const page = new DOMParser().parseFromString(response ? await response.text() : "", "text/html");
    const words = page.body.textContent.trim();
    if (words === shown) return;
    shown = words;
    place.replaceChildren(...page.body.childNodes);
    const count = place.querySelectorAll("li").length;
    place.hidden = way.hidden = !count;
    way.textContent = say(`Lire les ${count} contenus proches`, `Read the ${count} related items`);
    const seen = form.elements.suggestions_seen;
    if (count && seen) seen.value = "1";
    if (count) announce(say(`${count} contenus proches de votre question`, `${count} items related to your question`));
  });
  fields.forEach((field) => field.addEventListener("input", look));
  if (fields[0].value) look();
}
