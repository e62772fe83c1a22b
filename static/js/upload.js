// Files: sent as soon as they are chosen, dropped or pasted; each with its progress, to cancel, to try again.
// In a field, the ids of what was sent join the form; in an editor, the code of the file joins the text.
const AT_ONCE = 2;
// answers that would be the same again: the file is not one that is taken
const FINAL = [415, 422];
const LOOKS = [1500, 2500, 4000, 8000, 15000, 30000];

export function start(box, tools) {
  if (box.dataset.sends) return;
  box.dataset.sends = "1";
  const input = box.querySelector("input[type=file]");
  const area = box.querySelector("textarea");
  const queue = sender(box, tools, area ? inText(area, tools) : inForm(box, tools));
  const plain = (area ? box.parentElement : (box.closest("form") ?? box)).querySelector("[data-plain]");
  if (plain) plain.hidden = true;
  const take = (files) => [...files].slice(0, input.multiple ? 20 : 1).forEach(queue.add);
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  box.querySelector("[data-do=file]")?.addEventListener("click", () => input.click());
  let inside = 0;
  const dragged = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const lit = (step) => { inside = Math.max(0, inside + step); box.classList.toggle("dropping", inside > 0); };
  box.addEventListener("dragenter", (event) => { if (dragged(event)) lit(1); });
  box.addEventListener("dragleave", (event) => { if (dragged(event)) lit(-1); });
  box.addEventListener("dragover", (event) => { if (dragged(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  box.addEventListener("drop", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    inside = 0;
    lit(0);
    take(event.dataTransfer.files);
  });
  // A word processor puts an image of the text beside the text: then it is the text that is meant.
  (area ?? box).addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    take(files.map(named));
  });
  input.form?.addEventListener("submit", (event) => {
    if (!queue.busy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tools.toast(tools.say("Un fichier est encore en cours d’envoi : attendez la fin, ou annulez-le.", "A file is still being sent: wait until it is done, or cancel it."));
  }, true);
}

function named(file) {
  if (file.name && file.name !== "image.png") return file;
  const at = new Date().toISOString().slice(0, 16).replace("T", "-").replace(":", "h");
  return new File([file], `capture-${at}.${file.type.split("/")[1] ?? "png"}`, { type: file.type });
}

// What becomes of a file that was sent.
function inForm(box, { make }) {
  return {
    begin: () => {
      if (!box.hasAttribute("data-multiple")) box.querySelectorAll("[data-file]").forEach((old) => old.remove());
      return null;
    },
    done: (sent, row) => {
      row.line.dataset.file = sent.id;
      row.words.append(make("input", { type: "hidden", name: `${box.dataset.name}_ids`, value: sent.id }));
      box.dispatchEvent(new CustomEvent("sent", { bubbles: true, detail: sent }));
    },
    dropped: () => {},
  };
}

function inText(area, { say }) {
  const swap = (mark, text) => {
    const at = area.value.indexOf(mark);
    if (at < 0 && !text) return;
    if (at < 0) area.setRangeText(`\n\n${text}\n`, area.value.length, area.value.length, "preserve");
    else area.setRangeText(text, at, at + mark.length + (!text && /\s/.test(area.value[at + mark.length] ?? "") ? 1 : 0), "preserve");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return {
    begin: (file) => {
      const label = file.name.replace(/[[\]]/g, " ");
      let mark = `[${say("Envoi de", "Sending")} ${label}…]()`;
      for (let n = 2; area.value.includes(mark); n += 1) mark = `[${say("Envoi de", "Sending")} ${label} (${n})…]()`;
      const at = area.selectionEnd;
      const before = area.value.slice(0, at);
      const gap = /^image\//.test(file.type) && before && !before.endsWith("\n") ? "\n\n" : before && !/\s$/.test(before) ? " " : "";
      area.setRangeText(gap + mark + (gap === "\n\n" ? "\n" : " "), at, at, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
      return mark;
    },
    done: (sent, _row, mark) => swap(mark, sent.markdown),
    dropped: (mark) => swap(mark, ""),
  };
}

function sender(box, tools, place) {
  const { say, make, announce } = tools;
  const list = box.querySelector("[data-files]") ?? box.parentElement.querySelector("[data-files]");
  const waiting = [];
  let running = 0;
  let room = null;

  function add(file) {
    const row = drawn(file);
    row.mark = place.begin(file);
    row.again = () => { row.mark ??= place.begin(file); row.problem(""); waiting.push(row); next(); };
    const wrong = refusal(file);
    if (wrong) failed(row, wrong, false);
    else { waiting.push(row); next(); }
  }

  function refusal(file) {
    const most = Number(box.dataset.limit);
    const ending = `.${file.name.split(".").pop().toLowerCase()}`;
    if (file.size > most) return say(`Trop lourd : ${size(file.size)}, ${size(most)} au plus par fichier.`, `Too large: ${size(file.size)}, at most ${size(most)} a file.`);
    if (!file.size) return say("Ce fichier est vide.", "This file is empty.");
    if (!box.dataset.accept.split(",").includes(ending)) return say(`Les fichiers ${ending} ne sont pas acceptés.`, `${ending} files are not accepted.`);
    return "";
  }

  async function next() {
    if (running >= AT_ONCE || !waiting.length) return;
    running += 1;
    const row = waiting.shift();
    room ??= await fetch(box.dataset.upload, { headers: { Accept: "application/json" } }).then((answer) => answer.json()).catch(() => ({}));
    if (row.file.size > (room.left ?? Infinity)) failed(row, say(`Il ne vous reste que ${size(room.left)} : retirez des fichiers devenus inutiles.`, `You have only ${size(room.left)} left: remove files that are no longer useful.`), true);
    else await send(row).then((sent) => { room.left -= row.file.size; arrived(row, sent); }, (why) => (why === null ? gone(row) : failed(row, why.words, why.again)));
    running -= 1;
    next();
  }

  function send(row) {
    return new Promise((kept, refused) => {
      const call = new XMLHttpRequest();
      const token = (box.closest("form") ?? document.getElementById("do")).elements.csrf_token?.value ?? "";
      call.open("POST", box.dataset.upload);
      call.responseType = "json";
      for (const [name, value] of [["Accept", "application/json"], ["X-CSRFToken", token], ["X-File-Name", encodeURIComponent(row.file.name)], ["Content-Type", "application/octet-stream"]]) call.setRequestHeader(name, value);
      call.upload.onprogress = (event) => row.progress(event.loaded / Math.max(1, event.total));
      call.onload = () => (call.status === 201 && call.response ? kept(call.response) : refused({ words: call.response?.error || said(call.status), again: !FINAL.includes(call.status) }));
      call.onerror = () => refused({ words: say("Pas de connexion : le fichier n’est pas parti.", "No connection: the file was not sent."), again: true });
      call.onabort = () => refused(null);
      row.cancel = () => call.abort();
      row.progress(0);
      announce(say(`Envoi de ${row.file.name}`, `Sending ${row.file.name}`));
      call.send(row.file);
    });
  }

  function said(status) {
    if (status === 413) return say("Ce fichier est trop lourd.", "This file is too large.");
    if (status === 429) return say("Beaucoup d’envois à la fois : réessayez dans une minute.", "Many files at once: try again in a minute.");
    if (status >= 500) return say("Le service n’a pas pu prendre ce fichier. Réessayez dans un instant.", "The service could not take this file. Try again in a moment.");
    return say("Votre session a expiré : connectez-vous dans un autre onglet, puis réessayez.", "Your session has expired: sign in in another tab, then try again.");
  }

  function arrived(row, sent) {
    place.done(sent, row, row.mark);
    row.bar.hidden = true;
    row.cancel = null;
    row.buttons.replaceChildren(button(say("Retirer", "Remove"), () => gone(row, sent), row.file.name));
    announce(say(`${row.file.name} : envoyé`, `${row.file.name}: sent`));
    follow(row, sent, 0);
    if (box.hasAttribute("data-reload") && !waiting.length && running === 1 && !list.querySelector(".error")) location.reload();
  }

  // The examination goes on after the transfer: how it ends is said here.
  function follow(row, sent, look) {
    row.state.textContent = sent.said || say("Prêt", "Ready");
    row.state.className = `state ${sent.state === "open" ? "good" : ["refused", "infected"].includes(sent.state) ? "bad" : ""}`;
    if (sent.state !== "waiting") { if (look) announce(`${row.file.name} : ${row.state.textContent}`); return; }
    if (look >= LOOKS.length || !row.line.isConnected) return;
    setTimeout(async () => {
      const answer = await fetch(`${box.dataset.upload}/${sent.id}/etat`, { headers: { Accept: "application/json" } }).catch(() => null);
      follow(row, answer?.ok && !answer.redirected ? await answer.json().catch(() => sent) : sent, look + 1);
    }, LOOKS[look]);
  }

  function failed(row, words, again) {
    place.dropped(row.mark);
    row.mark = null;
    row.bar.hidden = true;
    row.problem(words);
    row.buttons.replaceChildren(
      ...(again ? [button(say("Réessayer", "Try again"), () => { row.buttons.replaceChildren(stop(row)); row.again(); }, row.file.name)] : []),
      button(say("Retirer de la liste", "Remove from the list"), () => gone(row), row.file.name),
    );
    announce(`${row.file.name} : ${words}`);
  }

  function gone(row, sent) {
    if (row.mark) place.dropped(sent ? sent.markdown : row.mark);
    const after = row.line.nextElementSibling?.querySelector("button") ?? box.querySelector("textarea, input[type=file]");
    if (row.line.contains(document.activeElement)) after?.focus();
    row.line.remove();
    if (!sent) return;
    const body = new FormData();
    body.set("csrf_token", (box.closest("form") ?? document.getElementById("do")).elements.csrf_token?.value ?? "");
    fetch(`${box.dataset.upload}/${sent.id}/retrait`, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  }

  function drawn(file) {
    const row = { file, cancel: null };
    row.bar = make("progress", { max: "100", value: "0", "aria-label": say(`Envoi de ${file.name}`, `Sending ${file.name}`) });
    row.state = make("span", { class: "state" }, say("En attente", "Waiting"));
    row.words = make("div", {}, make("b", {}, file.name), " ", make("small", {}, size(file.size)), " ", row.state, row.bar);
    row.buttons = make("span", { class: "row" }, stop(row));
    row.line = make("li", {}, row.words, row.buttons);
    row.progress = (part) => {
      row.bar.hidden = false;
      row.bar.value = Math.round(part * 100);
      row.state.className = "state";
      row.state.textContent = part < 1 ? `${Math.round(part * 100)} %` : say("Vérification…", "Checking…");
    };
    row.problem = (words) => {
      row.line.querySelector(".error")?.remove();
      row.state.textContent = words ? "" : say("En attente", "Waiting");
      if (words) row.words.append(make("p", { class: "error" }, words));
    };
    list.append(row.line);
    return row;
  }

  function stop(row) {
    return button(say("Annuler", "Cancel"), () => {
      const at = waiting.indexOf(row);
      if (at >= 0) waiting.splice(at, 1);
      if (row.cancel) row.cancel(); else gone(row);
    }, row.file.name);
  }

  function button(words, act, what) {
    const one = make("button", { type: "button", class: "linklike small", "aria-label": `${words} : ${what}` }, words);
    one.addEventListener("click", act);
    return one;
  }

  return { add, busy: () => running > 0 || waiting.length > 0 };
}

function size(bytes) {
  const lang = document.documentElement.lang;
  const [count, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1024)), lang === "en" ? "kB" : "ko"] : [Math.round(bytes / 104857.6) / 10, lang === "en" ? "MB" : "Mo"];
  return `${count.toLocaleString(lang)} ${unit}`;
}
