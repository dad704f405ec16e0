// ── Labeling ────────────────────────────────────────────────────────────────────────────────────────────────────────

// The page is whole without this. Here the next image is made ready while somebody looks at this one, it is shown as
// soon as this one is answered, and the answer is saved meanwhile; what could not be saved stays in sight and is sent
// again.

const RENEW = 45_000; // milliseconds after which a task is asked for anew, so that it stays ours
const AWAY = 90_000; // without a key for so long, somebody has gone
const MOST_WAIT = 30_000;

if (one(".labeling-desk[data-task]")) labelAtOnce(one(".labeling-desk[data-task]"));

function labelAtOnce(first) {
  let here = first; // the image and its form, as they are shown
  let ready = null; // a promise of the next ones
  let since = performance.now();
  let touched = performance.now();
  let busy = false;
  let inserts = false;
  const past = []; // what was answered, the last one last
  const unsaved = new Map(); // answered, and not yet known to be saved, with its line among the recent answers
  const view = { zoom: 1, turn: 0, contrast: 1 };
  const answers = one(".labeling-answers");
  const told = one("[data-saved]");

  const reading = () => one(".labeling-reading", here);
  const api = (path, method, body) =>
    fetch(`/api/v1/labeling/tasks/${path}`, {
      method,
      keepalive: true,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  const tell = (words) => (told.textContent = words);

  // ── What is shown

  async function prepare() {
    const response = await fetch(`${location.pathname}?besides=${here.dataset.task}`);
    if (!response.ok || response.redirected) return null;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    // What waits in all queues, as it is now that the last answer is saved.
    const [old, now] = [document, page].map((root) => one('.nav-link[href="/label"] .nav-count', root));
    if (old) old.textContent = now?.textContent ?? "";
    const found = one(".labeling-desk[data-task]", page);
    if (!found) return null;
    const screen = document.importNode(found, true);
    await one("[data-image-shown]", screen).decode().catch(() => {});
    return screen;
  }

  function show(screen) {
    here.replaceWith(screen);
    here = screen;
    since = performance.now();
    look();
    toTheDoubt();
  }

  function toTheDoubt() {
    const field = reading();
    const doubt = Number(field.dataset.doubt ?? 0);
    field.focus();
    field.setSelectionRange(doubt, Math.min(doubt + 1, field.value.length));
  }

  function count(step) {
    const bar = one(".labeling-progress");
    bar.value += step;
    for (const [name, by] of [["done", step], ["left", -step]]) {
      const number = one(`[data-${name}]`);
      number.textContent = Math.max(Number(number.dataset[name]) + by, 0).toLocaleString("en-US");
      number.dataset[name] = Math.max(Number(number.dataset[name]) + by, 0);
    }
  }

  // ── Answers

  async function answer(button) {
    if (busy) return;
    busy = true;
    const screen = here;
    const skips = button?.value === "skip";
    const text = button?.value === "unreadable" ? null : button?.name === "text" ? button.value : reading().value;
    const sure = one("[name=sure]", screen)?.checked ?? false;
    const seconds = (performance.now() - since) / 1000;
    const id = screen.dataset.task;
    const call = skips ? [`${id}/lease?skip=true`, "DELETE"] : [`${id}/annotations`, "POST", { ...(text === null ? { unreadable: true } : { text }), seconds, sure }];
    if (unsaved.size > 0) tell("Waiting until the last answer is saved …");
    const next = await ready?.catch(() => null);
    busy = false;
    const line = make("li", {}, make("code", { textContent: text ?? "–" }), make("span"));
    if (next) {
      show(next);
      past.push({ screen, skips });
      if (!skips) count(1);
      answers.prepend(line);
      while (answers.children.length > 6) answers.lastElementChild.remove();
    }
    const saved = deliver({ screen, line, call, words: skips ? "skipped" : words(screen, text) });
    // Until it is saved the task is still ours, and would be given to us again.
    ready = saved.then(prepare);
    ready.catch(() => {});
    // Not to the task that the address may name: it has its answer.
    if (!next && (await saved)) location.assign(location.pathname);
  }

  const words = (screen, text) =>
    text === null ? "unreadable" : text === one(".labeling-reading", screen).defaultValue ? "as read" : "fixed";

  /** Sends an answer until it is taken or refused; tells whether it was taken. */
  async function deliver(said) {
    const { screen, line, call } = said;
    tell(""); // also, so that the same words are announced again
    unsaved.set(screen, line);
    for (let wait = 1000; ; wait = Math.min(wait * 2, MOST_WAIT)) {
      one("span", line).textContent = wait > 1000 ? "not saved yet" : "…";
      const response = await api(...call).catch(() => null);
      if (response?.ok) {
        unsaved.delete(screen);
        one("span", line).textContent = said.words;
        tell(unsaved.size > 0 ? "" : "All saved.");
        return true;
      }
      const again = !response || response.status >= 500 || response.status === 429;
      if (!again) {
        const problem = await response.json().catch(() => ({}));
        unsaved.delete(screen);
        refused(said, response.status, problem.errors?.[0]?.reason ?? problem.detail ?? "It was not saved.");
        return false;
      }
      tell("An answer is not saved yet; it is sent again.");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Asks about a text that breaks a rule; of anything else there is only to be told. */
  function refused({ screen, line, call }, status, reason) {
    const at = past.findIndex((one) => one.screen === screen);
    if (at >= 0) {
      past.splice(at, 1);
      if (call[1] === "POST") count(-1);
    }
    if (status !== 422) {
      one("span", line).textContent = "not saved";
      return tell(`${line.firstChild.textContent}: ${reason}`);
    }
    line.remove();
    const form = one("[data-label]", screen);
    all(".field-error, .labeling-sure", form).forEach((old) => old.remove());
    const error = make("p", { className: "field-error", id: "reading-error", role: "alert", textContent: `${reason}.` });
    const box = make("input", { type: "checkbox", name: "sure", value: "1", checked: true });
    one(".labeling-note", form).before(error, make("label", { className: "labeling-sure" }, box, "It does say so"));
    one(".labeling-reading", form).setAttribute("aria-invalid", "true");
    back(screen);
  }

  /** Shows again what was answered; what was shown comes after it. */
  function back(screen) {
    if (here === screen) return toTheDoubt();
    ready = Promise.resolve(here);
    show(screen);
  }

  async function undo() {
    const last = past.at(-1);
    if (!last) return one("[data-undo]")?.requestSubmit();
    if (busy || unsaved.has(last.screen)) return;
    const id = last.screen.dataset.task;
    const response = await (last.skips ? api(`${id}/lease`, "POST") : api(`${id}/annotations/last`, "DELETE")).catch(() => null);
    if (!response?.ok) {
      const problem = await response?.json().catch(() => ({}));
      return tell(problem?.detail ?? "It could not be taken back; try again.");
    }
    past.pop();
    if (!last.skips) count(-1);
    answers.firstElementChild?.remove();
    tell("Taken back.");
    back(last.screen);
  }

  // ── The image

  function look() {
    const image = one("[data-image-shown]", here);
    image.style.transform = `scale(${view.zoom}) rotate(${view.turn}deg)`;
    image.style.filter = view.contrast === 1 ? "" : `contrast(${view.contrast})`;
  }

  const looks = {
    "zoom-in": () => (view.zoom = Math.min(view.zoom * 1.25, 6)),
    "zoom-out": () => (view.zoom = Math.max(view.zoom / 1.25, 0.5)),
    rotate: () => (view.turn = (view.turn + 90) % 360),
    contrast: () => (view.contrast = view.contrast === 1 ? 2 : view.contrast === 2 ? 4 : 1),
  };

  // ── What people do

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-label]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      answer(event.submitter?.name ? event.submitter : null);
    } else if (event.target.matches("[data-undo]") && past.length > 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      undo();
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    touched = performance.now();
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      // With Option a Mac gives other characters than letters; there the place of the key says which it is.
      const letter = /^[a-z]$/i.test(event.key) ? event.key : event.code.replace("Key", "");
      const button = one(`[data-alt="${CSS.escape(letter.toLowerCase())}"]`, here);
      if (!button) return;
      event.preventDefault();
      return answer(button);
    }
    const field = reading();
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && field.value === field.defaultValue) {
      event.preventDefault();
      return undo();
    }
    if (event.target !== field || event.ctrlKey || event.metaKey) return;
    if (event.key === "Insert") inserts = !inserts;
    const act = { "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", "−": "zoom-out" }[event.key];
    if (act && !field.dataset.alphabet.includes(event.key)) {
      event.preventDefault();
      looks[act]();
      look();
    }
  });

  document.addEventListener("click", (event) => {
    touched = performance.now();
    const act = event.target instanceof Element && event.target.closest("[data-image]")?.dataset.image;
    if (!act) return;
    looks[act]();
    look();
  });

  // A character takes the place of the one at the caret.
  document.addEventListener("beforeinput", (event) => {
    const field = event.target;
    if (inserts || field !== reading() || event.inputType !== "insertText" || event.data?.length !== 1) return;
    const at = field.selectionStart;
    if (at === field.selectionEnd && at < field.value.length) field.setSelectionRange(at, at + 1);
  });

  document.addEventListener("input", (event) => {
    if (event.target !== reading()) return;
    const { value, defaultValue } = event.target;
    all(".labeling-marks > span", here).forEach((mark, i) => mark.classList.toggle("edited", value[i] !== defaultValue[i]));
  });

  // ── Whose the tasks are

  setInterval(async () => {
    if (document.hidden || performance.now() - touched > AWAY) return;
    api(`${here.dataset.task}/lease`, "POST").catch(() => {});
    const next = unsaved.size === 0 && (await ready?.catch(() => null));
    if (next) api(`${next.dataset.task}/lease`, "POST").catch(() => {});
  }, RENEW);

  let waiting = null;
  const remember = () => ready?.then((screen) => (waiting = screen)).catch(() => {});
  addEventListener("pagehide", () => {
    for (const screen of [here, waiting]) if (screen) api(`${screen.dataset.task}/lease`, "DELETE").catch(() => {});
  });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  addEventListener("beforeunload", (event) => unsaved.size > 0 && event.preventDefault());

  look();
  toTheDoubt();
  ready = prepare();
  ready.catch(() => {});
  setInterval(remember, 1000);
}
