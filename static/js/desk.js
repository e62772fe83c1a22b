// A desk from the keyboard: j and k go through the queue; the letter of a decision (data-key) opens it and puts the cursor in it,
// or does it when there is nothing to write. Ctrl+Enter sends, Escape closes. Like all shortcuts they may be turned off.
const on = () => { try { return localStorage.getItem("raccourcis") !== "non"; } catch { return true; } };
export function start(desk) {
  const links = [...desk.querySelectorAll(".queue a")];
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const go = (step) => links[Math.min(links.length - 1, Math.max(0, here + step))]?.click();
  function decide(key) {
    const target = /^[a-z]$/.test(key) && desk.querySelector(`[data-key="${key}"]`);
    if (!target) return false;
    if (target.tagName !== "DETAILS") { target.click(); return true; }
    target.open = true;
    const first = target.querySelector("input:not([type=hidden]), textarea, select");
    first?.focus();
    if (first?.tagName === "TEXTAREA") first.setSelectionRange(first.value.length, first.value.length);
    return true;
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
    if (event.target.closest("input, textarea, select, dialog") && !event.target.closest("dialog:not([open])")) return;
    if (!on()) return;
    const step = { j: 1, k: -1 }[event.key];
    if (step) go(step); else if (!decide(event.key)) return;
    event.preventDefault();
  });
}
