// The list of messages: order, groups, days, scrolling.

import { MessageItem } from "./chat-message.js";
import { el, syncChildren } from "./dom.js";
import { dayKey, dayName } from "./time.js";

const GROUP_MS = 5 * 60_000;
const NEAR_END_PX = 80;

export class ChatLog {
  #log;
  #scroll;
  #jump;
  #on;
  #sent = new Map();
  #pending = new Map();
  #days = new Map();

  constructor({ log, scroll, jump }, on) {
    this.#log = log;
    this.#scroll = scroll;
    this.#jump = jump;
    this.#on = on;
    jump.addEventListener("click", () => this.toEnd());
    scroll.addEventListener("scroll", () => {
      if (this.#nearEnd()) jump.hidden = true;
    });
    // A keyboard on the screen, a growing text box: the last message stays in view.
    let stick = true;
    scroll.addEventListener("scroll", () => (stick = this.#nearEnd()));
    new ResizeObserver(() => stick && this.toEnd()).observe(scroll);
  }

  /** Shows a whole conversation at once; a screen reader is not made to read it all. */
  reset(messages, pending) {
    this.#log.setAttribute("aria-live", "off");
    this.#sent.clear();
    this.#pending.clear();
    for (const message of messages) this.#itemOf(message);
    for (const item of pending) this.#pendingOf(item);
    this.#arrange();
    this.toEnd();
    setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 500);
  }

  add(message) {
    const follow = this.#nearEnd();
    const item = this.#itemOf(message);
    this.#arrange();
    if (follow || message.author === "student") this.reveal(item.node);
    else this.#jump.hidden = false;
  }

  showPending(pending) {
    this.#pendingOf(pending);
    this.#arrange();
    this.toEnd();
  }

  dropPending(client_id) {
    if (this.#pending.delete(client_id)) this.#arrange();
  }

  /** Scrolls to the end, yet never past the beginning of `node`: a long answer is read from its top. */
  reveal(node, { onlyIfFollowing = false } = {}) {
    if (onlyIfFollowing && !this.#nearEnd(node.offsetHeight)) return;
    const end = this.#scroll.scrollHeight - this.#scroll.clientHeight;
    const top = node.offsetTop - 16;
    this.#scroll.scrollTop = Math.min(end, Math.max(top, 0));
  }

  toEnd() {
    this.#jump.hidden = true;
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #nearEnd(slack = 0) {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX + slack;
  }

  #itemOf(message) {
    let item = this.#sent.get(message.seq);
    if (item) return item;
    // The same bubble turns from "sending" into "sent": nothing jumps, nothing is read twice.
    item = this.#pending.get(message.client_id) ?? new MessageItem(this.#on);
    this.#pending.delete(message.client_id);
    item.confirm(message);
    this.#sent.set(message.seq, item);
    this.#settleCard(message);
    this.#settleWords(message);
    return item;
  }

  /** What the person says next answers a card that asked for words. */
  #settleWords(message) {
    if (message.author !== "student") return;
    for (const { card, message: { seq } } of this.#sent.values()) if (card?.awaitsWords && !card.answered && seq < message.seq) card.settle(message);
  }

  /** A receipt answers the card that it came of: one that is being sent, else the nearest before it that waits for this action. */
  #settleCard(message) {
    const action = message.author === "system" ? message.card?.receipt?.action : null;
    if (!action) return;
    const waiting = [...this.#sent.values()]
      .filter(({ card, message: { seq } }) => seq < message.seq && card?.awaits === action && !card.answered)
      .sort((a, b) => b.card.busy - a.card.busy || b.message.seq - a.message.seq);
    waiting[0]?.card.settle(message);
  }

  #pendingOf(pending) {
    let item = this.#pending.get(pending.client_id);
    if (!item) {
      item = new MessageItem(this.#on);
      this.#pending.set(pending.client_id, item);
    }
    item.created_at = pending.created_at;
    item.pend(pending);
  }

  #arrange() {
    const sent = [...this.#sent.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
    const wanted = [];
    let before = null;
    for (const item of [...sent, ...this.#pending.values()]) {
      const created_at = item.message?.created_at ?? item.created_at;
      const author = `${item.message?.author ?? "student"} ${item.message?.agent_name ?? ""}`;
      const day = dayKey(created_at);
      const newDay = before?.day !== day;
      if (newDay) wanted.push(this.#dayOf(day, created_at));
      const joined = !newDay && before.author === author && Date.parse(created_at) - before.time < GROUP_MS;
      item.node.classList.toggle("joined", joined);
      before?.node.classList.toggle("followed", joined);
      item.node.classList.remove("followed");
      wanted.push(item.node);
      before = { day, author, time: Date.parse(created_at), node: item.node };
    }
    syncChildren(this.#log, wanted);
  }

  #dayOf(day, created_at) {
    if (!this.#days.has(day)) this.#days.set(day, el("p", { class: "day" }));
    const node = this.#days.get(day);
    node.textContent = dayName(created_at);
    return node;
  }
}
