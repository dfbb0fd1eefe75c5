// One message as the page shows it: confirmed by the server, or still on its way.

import { cardOf } from "./chat-cards.js";
import { el, newTabLink } from "./dom.js";
import { foldLong } from "./long-text.js";
import { richText } from "./rich-text.js";
import { clock, full } from "./time.js";

export function authorName({ author, agent_name }) {
  if (author === "student") return "You";
  if (author === "bot") return "Assistant";
  if (author === "agent") return agent_name ?? "Support team";
  return "Notice";
}

export class MessageItem {
  /** `on.person()`, `on.retry(client_id)` and `on.discard(client_id)` answer the buttons; `on.answer`, `on.say` and `on.signIn` the cards. */
  constructor(on) {
    this.#on = on;
    this.node = el("article", { class: "message", "data-testid": "message" });
  }

  /** What `cardOf` made of the message's card; null without one. */
  card = null;

  #on;
  #meta = el("p", { class: "meta" });
  #status = null;

  /** Shows a message that the server has. On an item that was on its way only the marks change. */
  confirm(message) {
    const first = this.message === undefined && this.#status === null;
    this.message = message;
    this.node.dataset.seq = message.seq;
    this.node.dataset.status = "sent";
    if (first) this.#fill(message);
    this.#setStatus();
    this.#meta.replaceChildren(el("time", { datetime: message.created_at, title: full(message.created_at) }, clock(message.created_at)));
  }

  /** Shows a message on its way: `item` is the outbox's. */
  pend(item) {
    const message = { author: "student", text: item.text, citations: [], created_at: item.created_at };
    if (this.#status === null) this.#fill(message);
    this.node.dataset.status = item.status;
    this.node.dataset.clientId = item.client_id;
    if (item.status === "sending") this.#setStatus("Sending…");
    else {
      this.#setStatus(
        "Not sent – ",
        el("button", { type: "button", class: "button-link", "data-testid": "retry", onclick: () => this.#on.retry(item.client_id) }, "Retry"),
        " · ",
        el("button", { type: "button", class: "button-link", onclick: () => this.#on.discard(item.client_id) }, "Delete"),
      );
    }
  }

  #setStatus(...parts) {
    this.#status ??= el("p", { class: "status" });
    this.#status.replaceChildren(...parts);
    this.#status.hidden = parts.length === 0;
    if (!this.#status.isConnected) this.node.append(this.#status);
  }

  #fill(message) {
    this.node.dataset.author = message.author;
    const body = el("div", { class: "text" });
    body.append(richText(message.text, { links: message.author !== "student" }));
    const unfold = message.author === "student" ? foldLong(body, message.text) : null;
    const bubble = el("div", { class: "bubble" }, body, unfold, sources(message.citations));
    this.node.append(el("p", { class: "author" }, el("span", {}, authorName(message)), el("span", { class: "visually-hidden" }, ":")), bubble);
    this.card = message.card ? cardOf(message, this.#on) : null;
    if (this.card) {
      this.node.classList.add("with-card");
      bubble.hidden = message.text.trim() === "";
      this.node.append(this.card.node);
    }
    if (message.offer_person) {
      this.node.append(
        el("button", { type: "button", class: "button offer-person", "data-testid": "offer-person", onclick: () => this.#on.person() }, "Talk to a person"),
      );
    }
    this.node.append(this.#meta);
  }
}

function sources(citations) {
  if (!citations?.length) return null;
  return el(
    "div",
    { class: "sources" },
    // Where the words are from; or, where none of them answers, what comes nearest.
    el("p", {}, "From our help centre:"),
    el("ul", {}, ...citations.map(({ title, url }) => el("li", {}, newTabLink(url, title, { "data-testid": "citation" })))),
  );
}
