// Below the log: the answer that is being written, or dots while somebody types.
// Outside the log on purpose: a screen reader hears the finished message, not every draft.

import { el } from "./dom.js";
import { richText } from "./rich-text.js";

const TYPING_MS = 45_000;

export class ChatTail {
  #tail;
  #log;
  #draft = null;
  #typing = null;
  #timer = 0;

  constructor(tail, log) {
    this.#tail = tail;
    this.#log = log;
  }

  /** `text` replaces the last draft; null removes it. */
  draft(text) {
    if (text === null || text === "") {
      this.#draft?.remove();
      this.#draft = null;
      return;
    }
    this.typing(null);
    if (!this.#draft) {
      this.#draft = el(
        "div",
        { class: "message", "data-author": "bot", "data-testid": "draft", "aria-live": "off" },
        el("p", { class: "author" }, "Assistant"),
        el("div", { class: "bubble" }, el("div", { class: "text" })),
      );
      this.#tail.append(this.#draft);
    }
    this.#draft.querySelector(".text").replaceChildren(richText(text));
    this.#log.reveal(this.#draft, { onlyIfFollowing: true });
  }

  /** `who` types; null: nobody does. */
  typing(who) {
    clearTimeout(this.#timer);
    this.#typing?.remove();
    this.#typing = null;
    if (who === null || this.#draft) return;
    const dots = el("span", { class: "typing-dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.#typing = el(
      "div",
      { class: "message", "data-author": who.author, "data-testid": "typing", role: "status" },
      el("div", { class: "bubble" }, dots, el("span", { class: "visually-hidden" }, `${who.name} is writing…`)),
    );
    this.#tail.append(this.#typing);
    this.#log.reveal(this.#typing, { onlyIfFollowing: true });
    this.#timer = setTimeout(() => this.typing(null), TYPING_MS);
  }
}
