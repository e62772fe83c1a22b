// The variables of a clause: once a text is written, each {{name}} that has no row yet gets one, ready for its definition.
export function start(fieldset, { addRow }) {
  const form = fieldset.form;
  const names = () => [...fieldset.querySelectorAll('input[name$="-name"]')];
  const free = (input) => [...input.closest("li").querySelectorAll("input")].every((one) => !one.value.trim());
  function offer() {
    const text = [...form.querySelectorAll("textarea")].map((area) => area.value).join("\n");
    const written = new Set([...text.matchAll(/\{\{\s*([\p{L}_][\p{L}\p{N}_]{0,59})\s*\}\}/gu)].map((found) => found[1]));
    for (const input of names()) written.delete(input.value.trim());
    for (const name of written) {
      const adder = fieldset.querySelector("[data-add-row]");
      const input = names().find(free) ?? addRow(adder)?.querySelector('input[name$="-name"]');
      if (!input) return;
      input.value = name;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  form.addEventListener("change", (event) => { if (event.target.matches("textarea")) offer(); });
}
