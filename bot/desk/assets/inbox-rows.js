// The list of tickets: one row each, kept in place while its content changes.

import { el, syncChildren } from "./dom.js";
import { channelMark } from "./inbox-letters.js";
import { intentName, urgencyNames } from "./inbox-words.js";
import { age, ageInWords, full } from "./time.js";

const TICK_MS = 15_000;

const emptyWords = {
  queue: "Nobody is waiting. New tickets appear here by themselves.",
  mine: "You hold no ticket. Claim one from the queue.",
  resolved: "No ticket has been resolved yet.",
};

export class TicketRows {
  #list;
  #empty;
  #rows = new Map();

  constructor({ list, empty }) {
    this.#list = list;
    this.#empty = empty;
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** Shows `tickets` of `view`; those in `fresh` (a Set of ids) light up once. */
  show(view, tickets, { selected, fresh }) {
    const nodes = tickets.map((ticket) => {
      let row = this.#rows.get(ticket.id);
      if (!row) {
        row = new Row();
        this.#rows.set(ticket.id, row);
      }
      row.show(view, ticket, ticket.id === selected);
      row.node.classList.toggle("fresh", fresh.has(ticket.id));
      return row.node;
    });
    const ids = new Set(tickets.map(({ id }) => id));
    for (const id of [...this.#rows.keys()]) if (!ids.has(id)) this.#rows.delete(id);
    syncChildren(this.#list, nodes);
    this.#empty.hidden = tickets.length > 0;
    this.#empty.textContent = emptyWords[view];
  }

  select(id) {
    for (const [key, row] of this.#rows) row.select(key === id);
  }

  /** Moves the focus by `step` rows, from the focused row or else the selected one. */
  move(step) {
    const links = [...this.#list.querySelectorAll("a")];
    if (links.length === 0) return;
    let at = links.indexOf(document.activeElement);
    if (at < 0) {
      at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
      if (at < 0) at = step > 0 ? -1 : links.length;
    }
    links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
  }

  #tick() {
    for (const row of this.#rows.values()) row.tick();
  }
}

class Row {
  #subject = el("span", { class: "row-subject", "data-testid": "ticket-subject", dir: "auto" });
  #urgency = el("span", {});
  #number = el("span", { class: "row-number" });
  #intent = el("span", { class: "row-intent" });
  #assignee = el("span", { class: "row-assignee" });
  #age = el("time", { class: "row-age" });
  #link = el(
    "a",
    { class: "row", "data-testid": "ticket-row" },
    el("span", { class: "row-top" }, this.#urgency, this.#number, this.#age),
    this.#subject,
    el("span", { class: "row-bottom" }, this.#intent, this.#assignee),
  );
  node = el("li", {}, this.#link);
  #created = "";
  #selected = false;

  show(view, ticket, selected) {
    this.#created = ticket.created_at;
    this.#link.href = `#${view}/${encodeURIComponent(ticket.id)}`;
    this.#link.dataset.ticket = ticket.id;
    this.#link.dataset.status = ticket.status;
    this.#urgency.className = `chip chip-${ticket.urgency}`;
    this.#urgency.textContent = urgencyNames[ticket.urgency] ?? ticket.urgency;
    this.#number.textContent = `#${ticket.number}`;
    this.#subject.textContent = ticket.subject;
    this.#intent.replaceChildren(...[channelMark(ticket.channel), intentName(ticket.intent)].filter(Boolean));
    this.#assignee.textContent = ticket.assignee?.name ?? "";
    this.#age.dateTime = ticket.created_at;
    this.#age.title = full(ticket.created_at);
    this.select(selected);
    this.tick();
  }

  select(selected) {
    if (selected === this.#selected) return;
    this.#selected = selected;
    if (selected) {
      this.#link.setAttribute("aria-current", "true");
      requestAnimationFrame(() => this.node.scrollIntoView({ block: "nearest" }));
    } else this.#link.removeAttribute("aria-current");
  }

  tick() {
    const words = ageInWords(this.#created);
    if (this.#age.dataset.words === words) return;
    this.#age.dataset.words = words;
    this.#age.replaceChildren(
      el("span", { "aria-hidden": "true" }, age(this.#created)),
      el("span", { class: "visually-hidden" }, words),
    );
  }
}
