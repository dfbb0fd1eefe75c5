// The reply box. Open only to the agent who holds the ticket; a failed send keeps every word.

import { autosize, keepSized } from "./autosize.js";
import { loadReply, saveReply, sendable } from "./inbox-drafts.js";
import { replyBarrier, replyWay } from "./inbox-words.js";
import { noticeIn } from "./notice.js";

export class ReplyBox {
  #form;
  #text;
  #send;
  #hint;
  #notice;
  #on;
  #ticket = null;
  #sending = new Set();

  /** `on.send(id, {text, client_id})` sends and may throw a Problem; `on.failed(id, problem)` hears of it. */
  constructor({ form, text, send, hint, notice }, on) {
    this.#form = form;
    this.#text = text;
    this.#send = send;
    this.#hint = hint;
    this.#notice = noticeIn(notice);
    this.#on = on;
    keepSized(text);
    text.addEventListener("input", () => this.#onInput());
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      } else if (event.key === "Escape" && !event.isComposing) text.blur();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  show(ticket) {
    const other = this.#ticket?.id !== ticket.id;
    this.#ticket = ticket;
    this.#form.hidden = false;
    if (other) {
      this.#notice.clear();
      this.#text.value = loadReply(ticket.id).text;
      autosize(this.#text);
    }
    this.#update();
  }

  hide() {
    this.#ticket = null;
    this.#form.hidden = true;
  }

  focus() {
    if (!this.#text.disabled) this.#text.focus();
  }

  /** Puts `text` into the box; what the agent has already written stays, above it. */
  insert(text) {
    if (this.#text.disabled) return;
    const written = this.#text.value.trimEnd();
    if (written.endsWith(text)) return this.focus();
    this.#text.value = written === "" ? text : `${written}\n\n${text}`;
    this.#onInput();
    this.#text.focus();
    this.#text.setSelectionRange(this.#text.value.length, this.#text.value.length);
  }

  #onInput() {
    if (!this.#ticket) return;
    const { client_id, text } = loadReply(this.#ticket.id);
    saveReply(this.#ticket.id, { text: this.#text.value, client_id: text === this.#text.value ? client_id : null });
    autosize(this.#text);
    this.#update();
  }

  #update() {
    const barrier = replyBarrier(this.#ticket);
    const sending = this.#sending.has(this.#ticket.id);
    this.#text.disabled = barrier !== null;
    this.#text.readOnly = sending;
    this.#text.placeholder = barrier ?? "Write a reply…";
    this.#hint.textContent = sending ? "Sending…" : barrier !== null && this.#text.value !== "" ? `${barrier} Your draft is kept.` : replyWay(this.#ticket);
    this.#send.disabled = barrier !== null || sending || this.#text.value.trim() === "";
  }

  async #submit() {
    const { id } = this.#ticket;
    const text = this.#text.value;
    if (this.#send.disabled || text.trim() === "") return;
    const draft = sendable(id, text);
    this.#sending.add(id);
    this.#notice.clear();
    this.#update();
    let problem = null;
    try {
      await this.#on.send(id, { text: text.trim(), client_id: draft.client_id });
      saveReply(id, { text: "", client_id: null });
    } catch (caught) {
      problem = caught;
    }
    this.#sending.delete(id);
    if (this.#ticket?.id === id) {
      if (problem) this.#notice.show(`Not sent. ${problem.detail ?? "Something went wrong in this page."}`, { retry: () => this.#submit() });
      else this.#text.value = "";
      autosize(this.#text);
      this.#update();
      this.focus();
    }
    if (problem) this.#on.failed(id, problem);
  }
}
