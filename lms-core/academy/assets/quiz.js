// Saves each change of a quiz at once, keeps what could not be sent, and shows the server's clock. Pages work without it.
"use strict";

const KEY = "quiz:";

const kept = (attempt) => {
  try { return JSON.parse(localStorage.getItem(KEY + attempt)) ?? {}; } catch { return {}; }
};
const keep = (attempt, pending) => {
  try {
    if (Object.keys(pending).length === 0) localStorage.removeItem(KEY + attempt);
    else localStorage.setItem(KEY + attempt, JSON.stringify(pending));
  } catch { /* A browser that keeps nothing: what is on the page is still sent. */ }
};

function take(form) {
  const attempt = form.dataset.attempt;
  const [status, offline] = ["[data-status]", "[data-offline]"].map((part) => form.querySelector(part));
  const pending = kept(attempt);
  let began = performance.now() - Number(form.dataset.elapsed);
  let dueAt = form.dataset.dueIn === undefined ? null : performance.now() + Number(form.dataset.dueIn);
  let sending = false, retry = 0, typing = 0, submitting = false, sent = false, away = false;

  const elapsed = () => Math.max(1, Math.round(performance.now() - began));
  const controls = (place) => [...form.querySelectorAll(`[name="a${place}"]`)];
  const values = (place) => controls(place).filter((it) => !["radio", "checkbox"].includes(it.type) || it.checked).map((it) => it.value);
  const show = (place, shown) => controls(place).forEach((it, index) => {
    if (["radio", "checkbox"].includes(it.type)) it.checked = shown.includes(it.value);
    else it.value = shown[index] ?? "";
  });
  const seqOf = (place) => form.elements[`s${place}`];

  function changed(place) {
    const seq = Math.max(elapsed(), Number(seqOf(place).value) + 1);
    seqOf(place).value = seq;
    pending[place] = { seq, values: values(place) };
    keep(attempt, pending);
  }

  // Read out only when it says something new.
  function warn(text) {
    if (offline.textContent !== text) offline.textContent = text;
    offline.hidden = false;
  }

  const isOver = () => dueAt !== null && performance.now() >= dueAt + Number(form.dataset.grace);

  function lost(text) {
    away = true;
    if (!isOver()) warn(text);
    status.textContent = "Not saved yet";
    clearTimeout(retry);
    retry = setTimeout(flush, 1500);
  }

  async function put(place, change) {
    const answer = await fetch(`/api/v1/attempts/${attempt}/answers/${place}`, {
      method: "PUT", credentials: "same-origin", headers: { "content-type": "application/json" }, body: JSON.stringify(change),
    });
    if (answer.status >= 500 || answer.status === 429) throw new TypeError("later");
    return answer;
  }

  // Sends what waits; true when nothing does any more.
  async function flush() {
    if (sending) return false;
    sending = true;
    clearTimeout(retry);
    try {
      for (;;) {
        const [place, change] = Object.entries(pending)[0] ?? [];
        if (place === undefined) break;
        if (!away) status.textContent = "Saving …";
        const answer = await put(place, change);
        if (answer.status === 409) { location.assign(`/quiz/attempts/${attempt}/result`); return false; }
        if (answer.status === 401) { lost("You are signed out. Sign in in another tab: your answers are kept here and sent then."); return false; }
        if (answer.ok) {
          const { elapsed: since, due_in: left } = await answer.json();
          began = performance.now() - since;
          if (left !== null) dueAt = performance.now() + left;
        }
        // What is refused otherwise will be refused again.
        if (pending[place]?.seq === change.seq) delete pending[place];
        keep(attempt, pending);
      }
      away = false;
      offline.hidden = true;
      status.textContent = "All answers are saved";
      if (submitting) send();
      return true;
    } catch {
      lost("You are offline. Your answers are kept in this browser and sent as soon as the connection is back. The clock goes on: what reaches us in time counts.");
      return false;
    } finally {
      sending = false;
    }
  }

  function send() {
    if (sent) return;
    sent = true;
    const how = document.createElement("input");
    [how.type, how.name, how.value] = ["hidden", "do", "submit"];
    form.append(how);
    form.submit();
  }

  form.addEventListener("input", (event) => {
    const place = event.target.closest("[data-place]")?.dataset.place;
    if (place === undefined) return;
    changed(place);
    // At once, not when the pause in typing is over: until then nothing is saved.
    if (!away) status.textContent = "Saving …";
    clearTimeout(typing);
    typing = setTimeout(flush, event.target.type === "text" ? 400 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitting = event.submitter?.value !== "save";
    if (submitting) status.textContent = "Submitting …";
    flush();
  });
  addEventListener("online", flush);
  // Back from the result, the browser shows this page as it was left.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  addEventListener("pagehide", () => keep(attempt, pending));

  // What an earlier page could not send.
  for (const [place, change] of Object.entries(pending)) {
    if (!seqOf(place)) { delete pending[place]; continue; }
    show(place, change.values);
  }
  if (Object.keys(pending).length > 0) flush();

  const clock = form.querySelector("[data-clock]");
  if (clock) {
    form.querySelector("[data-static-clock]").hidden = true;
    clock.hidden = false;
    const tick = () => {
      const left = dueAt - performance.now();
      const seconds = Math.max(0, Math.ceil(left / 1000));
      const two = (number) => String(number).padStart(2, "0");
      const hours = Math.floor(seconds / 3600);
      clock.textContent = `${hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${two(seconds % 60)} left`;
      clock.classList.toggle("is-short", seconds <= 60);
      if (left <= 0 && !submitting) {
        submitting = true;
        status.textContent = "The time is up: submitting …";
        flush();
      }
      if (away && isOver()) {
        warn("The time is up and you are offline. Every answer that had reached us counts; when the connection is back, this page shows which.");
      }
    };
    tick();
    setInterval(tick, 250);
  }
}

function tell(box) {
  const attempt = box.dataset.unsent;
  const late = Object.entries(kept(attempt)).filter(([place, change]) => {
    const there = document.querySelector(`[data-kept="${CSS.escape(place)}"]`);
    return there && Number(there.dataset.seq) < change.seq;
  });
  if (late.length === 0) { keep(attempt, {}); return; }
  box.querySelector("[data-unsent-list]").textContent = late.map(([place]) => `question ${place}`).join(", ");
  box.hidden = false;
  box.querySelector("[data-forget]").addEventListener("click", () => { keep(attempt, {}); box.hidden = true; });
}

const sheet = document.querySelector("form[data-attempt]");
if (sheet) take(sheet);
const unsent = document.querySelector("[data-unsent]");
if (unsent) tell(unsent);
