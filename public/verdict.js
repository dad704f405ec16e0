// Makes pages that are already complete more convenient: keys, live progress, copying. Nothing here is needed to read or
// to decide, and nothing is decided here.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// ── Keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const KEYS_OFF = "verdict.keys-off";
const remembered = {
  get off() {
    try { return localStorage.getItem(KEYS_OFF) === "1"; } catch { return false; }
  },
  set off(off) {
    try { off ? localStorage.setItem(KEYS_OFF, "1") : localStorage.removeItem(KEYS_OFF); } catch { /* private window */ }
  },
};

let goes = 0; // until when a letter after `g` leads somewhere

const isTyping = (target) =>
  target instanceof Element &&
  (target.closest("textarea, select, [contenteditable]:not([contenteditable='false'])") !== null ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "reset", "file"].includes(target.type)));

const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

const rows = () => all("[data-rows] tbody tr").filter(isShown);
const cursor = () => one("tr[data-cursor]");

function move(step) {
  const list = rows();
  if (list.length === 0) return;
  const at = list.indexOf(cursor());
  const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + step, 0), list.length - 1)];
  cursor()?.removeAttribute("data-cursor");
  next.setAttribute("data-cursor", "");
  next.scrollIntoView({ block: "nearest" });
  // The link takes the focus, so that who cannot see the row hears it, and Enter follows it by itself.
  (one("a[href]", next) ?? one("input", next))?.focus({ preventScroll: true });
}

function press(key) {
  const target = all(`[data-key="${CSS.escape(key)}"]`).find((element) => isShown(element) && !element.disabled);
  if (!target) return false;
  const needs = document.getElementById(target.dataset.needs);
  if (needs && !needs.value.trim()) return choose(target, needs);
  target.click();
  if (target.tagName === "SUMMARY") one("input:not([type=hidden]), textarea, select, button", target.parentElement)?.focus();
  return true;
}

/** A button that needs a text waits for it; Ctrl Enter in the text presses it. */
function choose(button, text) {
  all("[data-chosen]", button.form).forEach((other) => other.removeAttribute("data-chosen"));
  button.setAttribute("data-chosen", "");
  text.focus();
  return true;
}

const acts = {
  "?": () => help(),
  "/": () => (one("#search") ?? one("input[type=search]"))?.focus(),
  g: () => (goes = performance.now() + 1500),
  j: () => move(1),
  k: () => move(-1),
  x: () => one("input[type=checkbox]", cursor() ?? document.createElement("i"))?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return closeMenu();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target instanceof HTMLTextAreaElement) {
    return one("[data-chosen]", event.target.form ?? undefined)?.click();
  }
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (remembered.off || isTyping(event.target) || one("dialog[open]")) return;
  if (event.key === "Enter") {
    const row = event.target === document.body ? cursor() : null;
    if (row) one("a[href]", row)?.click();
    return;
  }
  if (event.key.length !== 1) return;
  if (performance.now() < goes) {
    goes = 0;
    const link = one(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  const act = acts[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (press(event.key)) {
    event.preventDefault();
  }
});

/** The list of keys that do something on this page. */
function help() {
  const entries = [];
  const here = new Set();
  for (const element of all("[data-key]").filter(isShown)) {
    const { key } = element.dataset;
    if (here.has(key)) continue;
    here.add(key);
    const words = element.cloneNode(true);
    all("kbd", words).forEach((kbd) => kbd.remove());
    entries.push([[key], words.textContent.trim()]);
  }
  if (rows().length > 0) {
    entries.push([["j", "k"], "Next, previous row"], [["Enter"], "Open the row"]);
    if (one("[data-rows] input[type=checkbox]")) entries.push([["x"], "Pick the row"]);
  }
  for (const link of all("[data-go]")) entries.push([["g", link.dataset.go], `Go to ${one("span", link).textContent}`]);
  if (one("#search")) entries.push([["/"], "Search"]);
  entries.push([["?"], "This list"]);
  const list = make("dl");
  for (const [keys, words] of entries) {
    const names = keys.flatMap((key, i) => (i ? [" ", make("kbd", { textContent: key })] : [make("kbd", { textContent: key })]));
    list.append(make("dt", {}, ...names), make("dd", { textContent: words }));
  }
  const box = make("input", { type: "checkbox", checked: !remembered.off });
  box.addEventListener("change", () => (remembered.off = !box.checked));
  const close = make("button", { className: "button", textContent: "Close", autofocus: true });
  const form = make("form", { method: "dialog" }, make("label", {}, box, "Keys are on"), close);
  const title = make("h2", { textContent: "Keys", id: "keys-title" });
  const dialog = make("dialog", { className: "keys-dialog" }, title, list, form);
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

// ── Menus ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function closeMenu() {
  const open = all("details[data-menu][open]").at(-1);
  if (!open) return;
  open.open = false;
  one("summary", open).focus();
}

document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-keys-help]")) help();
  const copies = target?.closest("[data-copy]");
  if (copies) copy(copies);
});

// ── Copying ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function copy(button) {
  const source = one("[data-copy-source]", button.parentElement);
  const text = button.dataset.copy || source?.textContent || "";
  const said = button.dataset.words ?? button.textContent;
  button.dataset.words = said;
  button.textContent = (await toClipboard(text)) ? "Copied" : "Press Ctrl C";
  button.setAttribute("aria-live", "polite");
  setTimeout(() => (button.textContent = said), 2000);
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS there is no clipboard; the old way still works.
    const area = make("textarea", { value: text, className: "visually-hidden", readOnly: true });
    const before = document.activeElement;
    (one("dialog[open]") ?? document.body).append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    before?.focus?.();
    return copied;
  }
}

// ── Forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("data-sent", "");
  event.submitter?.setAttribute("aria-busy", "true");
});

// Coming back by the browser's history finds the form as it was left: it may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("button[data-sent]")) {
    button.removeAttribute("data-sent");
    button.removeAttribute("aria-busy");
  }
});

const size = (bytes) => {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) (bytes /= 1000), (unit += 1);
  return `${bytes.toFixed(unit && bytes < 9.95 ? 1 : 0)}\u00a0${units[unit]}`;
};

for (const drop of all("[data-drop]")) {
  const input = one("input[type=file]", drop);
  const note = one("[data-note]", drop);
  const tell = () => {
    const file = input.files[0];
    const most = Number(input.dataset.max || Infinity);
    const over = file && file.size > most;
    input.setCustomValidity(over ? `This file has ${size(file.size)}; at most ${size(most)} can be taken.` : "");
    note.textContent = over ? input.validationMessage : file ? `${file.name}, ${size(file.size)}` : "or drop it here";
  };
  input.addEventListener("change", tell);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  tell();
}

// A form that came back is read from its errors on.
const summary = one(".error-summary");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
} else {
  one("[data-chosen]") && one("textarea[aria-invalid=true]")?.focus();
}

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────────

// The server's clock counts, not this machine's: each time carries the moment at which the page was made.
const loaded = performance.now();

/** The words of `Clockface::relative`; nothing where a date stands. */
function distance(milliseconds) {
  const amount = Math.abs(milliseconds) / 1000;
  const past = milliseconds > 0;
  const words = (n, unit) => (past ? `${n}\u00a0${unit} ago` : `in ${n}\u00a0${unit}`);
  if (amount < 45) return "just now";
  if (amount < 3600) return words(Math.min(Math.max(Math.round(amount / 60), 1), 59), "min");
  if (amount < 86400) return words(Math.floor(amount / 3600), "h");
  if (amount < 172800) return past ? "yesterday" : "tomorrow";
  if (amount < 2592000) return words(Math.floor(amount / 86400), "days");
  return null;
}

setInterval(() => {
  if (document.hidden) return;
  for (const time of all("time[data-relative]")) {
    const now = Number(time.dataset.relative) + performance.now() - loaded;
    const words = distance(now - Date.parse(time.dateTime));
    if (words && time.textContent !== words) time.textContent = words;
  }
}, 20000);

// ── Live progress ───────────────────────────────────────────────────────────────────────────────────────────────────

// A browser keeps few connections to one host, and each of these holds one.
const MOST_STREAMS = 3;

function follow(element) {
  const bar = one("progress", element);
  const message = one("[data-live-message]", element);
  const share = one("[data-live-share]", element);
  const log = one("[data-live-log]");
  const key = (at, line) => `${Date.parse(at)} ${line}`;
  const known = new Set(log ? all("li", log).map((li) => key(one("time", li).dateTime, one("span", li).textContent)) : []);
  const zone = log?.dataset.zone || undefined;
  const stream = new EventSource(element.dataset.live);
  stream.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    if (bar) bar.value = run.progress;
    if (share) share.textContent = `${Math.round(run.progress * 100)}\u00a0%`;
    if (message && run.message && message.textContent !== run.message) message.textContent = run.message;
  });
  stream.addEventListener("line", (event) => {
    const { at, line } = JSON.parse(event.data);
    if (!log || known.has(key(at, line))) return;
    known.add(key(at, line));
    const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
    const clock = new Date(at).toLocaleTimeString("en-GB", { timeZone: zone });
    one("ol", log).append(make("li", {}, make("time", { dateTime: at, textContent: clock }), make("span", { textContent: line })));
    if (atEnd) log.scrollTop = log.scrollHeight;
  });
  stream.addEventListener("done", () => {
    stream.close();
    location.reload();
  });
  addEventListener("pagehide", () => stream.close());
}

all("[data-live]").slice(0, MOST_STREAMS).forEach(follow);
for (const log of all("[data-live-log]")) log.scrollTop = log.scrollHeight;
