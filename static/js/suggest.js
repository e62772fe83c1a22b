// While a title or a text is being typed, what peers already asked and learnt appears beside it.
export function start(form, { wait, latest, announce, say }) {
  const place = form.querySelector("[data-suggestions]");
  const fields = ["title", "body"].map((name) => form.elements[name]).filter(Boolean);
  if (!place || !fields.length) return;
  const ask = latest();
  let shown = place.textContent.trim();
  const look = wait(250, async () => {
    const [title = "", body = ""] = fields.map((field) => field.value.trim());
    if (title.length + body.length < 8) { place.replaceChildren(); shown = ""; return; }
    const query = new URLSearchParams({ title: title.slice(0, 300), body: body.slice(0, 1500) });
    const response = await ask(`${form.dataset.suggestUrl}?${query}`);
    if (!response) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const words = page.body.textContent.trim();
    if (words === shown) return;
    shown = words;
    place.replaceChildren(...page.body.childNodes);
    const count = place.querySelectorAll("li").length;
    if (count) announce(say(`${count} contenus proches, à lire après le titre`, `${count} related items, after the title`));
  });
  fields.forEach((field) => field.addEventListener("input", look));
  if (!shown && fields[0].value) look();
}
