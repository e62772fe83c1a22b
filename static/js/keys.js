// Shortcuts of one key, never while typing, and which one may turn off (WCAG 2.1.4).
const KEY = "raccourcis";

export function start({ make, say }) {
  // A dialog that has just closed keeps the focus until the page is drawn again: nobody types there any more.
  const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog") && !element.closest("dialog:not([open])");
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  let dialog;

  function help() {
    dialog ??= build();
    dialog.showModal();
  }
  function build() {
    const rows = [
      ["/", say("Chercher", "Search")],
      ["n", say("Poser une question", "Ask a question")],
      ["j", say("Élément suivant de la liste", "Next item of the list")],
      ["k", say("Élément précédent", "Previous item")],
      ...[...document.querySelectorAll("[data-desk] [data-key]")].map((act) => [act.dataset.key, (act.querySelector("summary") ?? act).textContent.trim()]),
      ["?", say("Cette aide", "This help")],
    ];
    const off = make("input", { type: "checkbox", id: "raccourcis-actifs" });
    off.checked = stored() !== "non";
    off.addEventListener("change", () => { try { localStorage.setItem(KEY, off.checked ? "oui" : "non"); } catch { /* kept for this page only */ } });
    const close = make("button", { class: "button primary" }, say("Fermer", "Close"));
    const made = make("dialog", { "aria-labelledby": "raccourcis-titre" },
      make("h2", { id: "raccourcis-titre" }, say("Raccourcis du clavier", "Keyboard shortcuts")),
      make("dl", {}, ...rows.flatMap(([key, words]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words)])),
      make("p", { class: "check buttons" }, off, make("label", { for: "raccourcis-actifs" }, say("Utiliser ces raccourcis", "Use these shortcuts"))),
      make("form", { method: "dialog", class: "buttons" }, close));
    document.body.append(made);
    return made;
  }
  function move(step) {
    const items = [...document.querySelectorAll("main .list > li")];
    if (!items.length) return;
    const now = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[Math.min(items.length - 1, Math.max(0, now + step))];
    (next.querySelector("h2 a, h3 a, a") ?? next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  const actions = {
    "/": () => document.querySelector(".find input")?.focus(),
    "?": help,
    n: () => { const ask = document.querySelector("a.ask"); if (ask) location.assign(ask.href); },
    j: () => move(1),
    k: () => move(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const act = actions[event.key];
    if (!act || (stored() === "non" && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) help(); });
}
