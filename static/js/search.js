// The search box proposes titles while one types, and the values of an operator (etiquette:…) to complete it with;
// Enter without choosing searches as usual.
export async function start(form, tools) {
  const { listbox } = await tools.load("listbox");
  const field = form.querySelector("input[type=search]");
  const ask = tools.latest();
  const box = listbox({
    field,
    place: form,
    label: tools.say("Propositions", "Suggestions"),
    choose: (item) => {
      if (item.url) { location.assign(item.url); return; }
      field.value = item.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    render: (item) => [item.title, tools.make("small", {}, [item.kind, item.why].filter(Boolean).join(" · "))],
  }, tools);
  field.addEventListener("input", tools.wait(180, async () => {
    const text = field.value.trim();
    if (text.length < 2) { box.close(); return; }
    const response = await ask(`${form.dataset.complete}?q=${encodeURIComponent(text.slice(0, 200))}`);
    if (response && document.activeElement === field && field.value.trim() === text) box.show(await response.json());
  }));
}
