// The middle pane: what the ticket is, what can be done with it, and the conversation.

import { el, syncChildren } from "./dom.js";
import { channelMark } from "./inbox-letters.js";
import { inboxMessage } from "./inbox-message.js";
import { holderOf, intentName, urgencyNames } from "./inbox-words.js";
import { noticeIn } from "./notice.js";

const NEAR_END_PX = 120;

export class Thread {
  #root;
  #on;
  #id = null;
  #messages = new Map();
  #letters = new Map();
  #heading = el("h2", { class: "thread-subject", tabindex: "-1", dir: "auto" });
  #facts = el("p", { class: "thread-facts" });
  #notice = el("div", { class: "notice-slot", role: "alert" });
  #say = noticeIn(this.#notice);
  #list = el("div", { class: "said-list", role: "log", "aria-label": "Messages", tabindex: "0" });
  #buttons;

  /** `on.act("claim" | "release" | "resolve")`, `on.back()` and `on.context()` answer the buttons. */
  constructor(root, on) {
    this.#root = root;
    this.#on = on;
    this.#buttons = {
      claim: this.#button("claim", "Claim", "button-primary"),
      release: this.#button("release", "Release", ""),
      resolve: this.#button("resolve", "Resolve", ""),
    };
    root.append(
      el(
        "header",
        { class: "thread-head" },
        el("button", { type: "button", class: "button thread-back", onclick: () => on.back() }, "‹ Tickets"),
        el("div", { class: "thread-what" }, this.#heading, this.#facts),
        el(
          "div",
          { class: "thread-actions" },
          ...Object.values(this.#buttons),
          el("button", { type: "button", class: "button thread-details", "data-testid": "details", onclick: () => on.context() }, "Details"),
        ),
      ),
      this.#notice,
      this.#list,
    );
  }

  get say() {
    return this.#say;
  }

  focus() {
    this.#heading.focus();
  }

  show(detail) {
    const other = this.#id !== detail.id;
    if (other) {
      this.#id = detail.id;
      this.#messages.clear();
      this.#say.clear();
      this.#list.setAttribute("aria-live", "off");
      setTimeout(() => this.#list.setAttribute("aria-live", "polite"), 500);
    }
    this.#root.hidden = false;
    this.#root.dataset.ticket = detail.id;
    this.#root.dataset.status = detail.status;
    this.#heading.textContent = detail.subject;
    this.#facts.replaceChildren(
      el("span", { class: `chip chip-${detail.urgency}` }, urgencyNames[detail.urgency] ?? detail.urgency),
      el("span", {}, `#${detail.number}`),
      el("span", {}, intentName(detail.intent)),
      ...[channelMark(detail.channel, { named: true })].filter(Boolean),
      el("span", { class: "thread-holder", "data-testid": "holder" }, holderOf(detail)),
    );
    this.#buttons.claim.hidden = detail.status !== "queued";
    this.#buttons.release.hidden = !(detail.status === "claimed" && detail.mine);
    this.#buttons.resolve.hidden = !(detail.status === "claimed" && detail.mine);
    this.#letters = new Map((detail.letters?.letters ?? []).map((letter) => [letter.seq, letter]));
    this.#showMessages(detail.messages, other);
  }

  hide() {
    this.#id = null;
    this.#root.hidden = true;
  }

  /** Adds one message at once, before the server's news of it arrives. */
  add(message) {
    if (!this.#messages.has(message.seq)) this.#messages.set(message.seq, inboxMessage(message));
    this.#arrange(true);
  }

  busy(act) {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.disabled = act !== null;
      if (name === act) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    }
  }

  #showMessages(messages, other) {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    const follow = other || scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    for (const message of messages) {
      if (!this.#messages.has(message.seq)) this.#messages.set(message.seq, inboxMessage(message, this.#letters.get(message.seq)));
    }
    this.#arrange(follow);
  }

  #arrange(follow) {
    const inOrder = [...this.#messages.entries()].sort(([a], [b]) => a - b).map(([, node]) => node);
    syncChildren(this.#list, inOrder);
    if (follow) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #button(act, text, kind) {
    return el("button", { type: "button", class: `button ${kind}`, "data-testid": act, onclick: () => this.#on.act(act) }, text);
  }
}
