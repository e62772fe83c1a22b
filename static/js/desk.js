// The review desk from the keyboard: j and k go through the queue, v, d, r open a decision and put the cursor in it, t takes.
export function start(desk) {
  const links = [...desk.querySelectorAll(".queue a")];
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const go = (step) => links[Math.min(links.length - 1, Math.max(0, here + step))]?.click();
  function decide(key) {
    const target = desk.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    if (target.tagName !== "DETAILS") { target.click(); return; }
    target.open = true;
    target.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest(".decide details")) {
      const open = event.target.closest("details");
      open.open = false;
      open.querySelector("summary").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest(".decide form")?.requestSubmit();
      return;
    }
    if (event.target.closest("input, textarea, select, dialog")) return;
    const act = { j: () => go(1), k: () => go(-1), v: () => decide("v"), d: () => decide("d"), r: () => decide("r"), t: () => decide("t") }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
