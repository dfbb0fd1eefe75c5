// The box: grows with the text, sends on Enter, never loses a word.

import { autosize, keepSized } from "./autosize.js";
import { loadDraft, saveDraft } from "./chat-store.js";

const SOFT_LIMIT = 20_000;
const COUNT_FROM = 18_000;
const number = new Intl.NumberFormat("en-GB");

export class Composer {
  #text;
  #send;
  #counter;
  #voice;
  #timer = 0;
  // The unsent message whose text came back into the box.
  #link = null;
  #linkedText = "";

  /** `onSend(text, link)`: link is `{client_id, text}` of the unsent message that the text came from, or null. */
  constructor({ form, text, send, counter, voice }, onSend) {
    this.#text = text;
    this.#send = send;
    this.#counter = counter;
    this.#voice = voice;
    const draft = loadDraft();
    text.value = draft.text;
    this.#setLink(draft.client_id ? { client_id: draft.client_id, text: draft.text } : null);
    text.addEventListener("input", () => this.#onInput());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
      // An input method uses Enter to choose a word.
      if (event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = text.value.trim();
      if (value === "") return;
      const link = this.#link ? { client_id: this.#link, text: this.#linkedText } : null;
      this.#set("");
      onSend(value, link);
      text.focus();
    });
    addEventListener("pagehide", () => this.#save());
    this.#onInput();
    keepSized(text);
  }

  focus() {
    this.#text.focus();
  }

  /** Whether the person has changed the text that came back. */
  isEditing(client_id) {
    return this.#link === client_id && this.#text.value !== this.#linkedText;
  }

  /** Puts the text of an unsent message back, unless something else is being written. */
  restore({ client_id, text }) {
    if (this.#text.value.trim() !== "") return;
    this.#set(text, { client_id, text });
  }

  /** The message of `client_id` is on its way or gone: its unchanged text leaves the box. */
  release(client_id) {
    if (this.#link !== client_id) return;
    if (this.#text.value === this.#linkedText) this.#set("");
    else this.#setLink(null);
  }

  #set(value, link = null) {
    this.#text.value = value;
    this.#setLink(link);
    this.#onInput();
    this.#save();
  }

  #setLink(link) {
    this.#link = link?.client_id ?? null;
    this.#linkedText = link?.text ?? "";
  }

  #onInput() {
    const { value } = this.#text;
    if (value === "") this.#setLink(null);
    this.#send.disabled = value.trim() === "";
    autosize(this.#text);
    this.#count(value.length);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), 250);
  }

  #count(length) {
    this.#counter.hidden = length < COUNT_FROM;
    const over = length > SOFT_LIMIT;
    this.#counter.classList.toggle("over", over);
    if (this.#counter.hidden) this.#voice.textContent = "";
    else {
      this.#counter.textContent = over
        ? `${number.format(length)} characters. Shorter messages are answered better, but you can send it.`
        : `${number.format(SOFT_LIMIT - length)} characters left`;
      // Spoken once per side of the limit, not on every key.
      const spoken = over ? "Your message is longer than 20,000 characters." : "Your message is near 20,000 characters.";
      if (this.#voice.textContent !== spoken) this.#voice.textContent = spoken;
    }
  }

  #save() {
    clearTimeout(this.#timer);
    const unchanged = this.#link && this.#text.value === this.#linkedText;
    saveDraft({ text: this.#text.value, client_id: unchanged ? this.#link : null });
  }
}

/** Whether `after` looks like `before` with some words changed, rather than another message. */
export function looksEdited(before, after) {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return (head + tail) * 2 >= before.length;
}
