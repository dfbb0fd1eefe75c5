// A question with a closed set of answers: one button each. After a pick it stays as a record of it.

import { el } from "./dom.js";
import { icon } from "./icons.js";

export class ChoiceCard {
  busy = false;
  answered = false;

  #submit;
  #options = new Map();
  #error = el("p", { class: "card-error", role: "alert", "data-testid": "card-error" });
  #retry = el("button", { type: "button", class: "button", "data-testid": "card-retry", hidden: true }, "Try again");
  #picked = null;

  /** `submit({option})` sends the id of an option and may throw a Problem. */
  constructor({ action, prompt, options }, submit) {
    /** The receipt of this action answers the card, also after a reload. */
    this.awaits = action;
    this.#submit = submit;
    for (const option of options) this.#options.set(option.id, { ...option, button: this.#button(option) });
    this.#retry.addEventListener("click", () => this.#pick(this.#picked));
    this.node = el(
      "div",
      { class: "action-card", role: "group", "aria-label": prompt, "aria-live": "off", "data-testid": "card-choice" },
      el("ul", { class: "choice" }, ...[...this.#options.values()].map(({ button }) => el("li", {}, button))),
      this.#error,
      this.#retry,
    );
  }

  /** A receipt answers the card: marks the option that it names, when it names just one. */
  settle(message) {
    if (this.answered) return;
    if (this.#picked === null) {
      const values = new Set((message?.card?.receipt?.facts ?? []).map(({ value }) => value));
      const named = [...this.#options.values()].filter(({ label }) => values.has(label));
      if (named.length === 1) this.#picked = named[0].id;
    }
    this.answered = true;
    this.#say(null);
    this.#show();
  }

  #button({ id, label, detail }) {
    return el(
      "button",
      { type: "button", class: "choice-option", "data-testid": "card-choice-option", "data-option": id, onclick: () => this.#pick(id) },
      el("span", { class: "choice-label", dir: "auto" }, label),
      detail ? el("span", { class: "choice-detail", dir: "auto" }, detail) : null,
      el("span", { class: "choice-mark", hidden: true }, icon("tick"), "Chosen"),
    );
  }

  async #pick(id) {
    if (this.busy || this.answered || id === null) return;
    this.busy = true;
    this.#picked = id;
    this.#say(null);
    this.#show();
    try {
      await this.#submit({ option: id });
      this.settle(null);
    } catch (problem) {
      this.#say(problem.detail ?? "Something went wrong in this page.");
    } finally {
      this.busy = false;
      this.#show();
    }
  }

  #show() {
    for (const [id, { button }] of this.#options) {
      const mine = id === this.#picked;
      button.setAttribute("aria-pressed", String(mine && this.answered));
      button.setAttribute("aria-busy", String(mine && this.busy));
      // The picked one keeps the focus; the others cannot be picked any more.
      button.setAttribute("aria-disabled", String(this.busy || this.answered));
      button.disabled = this.answered && !mine;
      button.lastChild.hidden = !(mine && this.answered);
    }
  }

  #say(text) {
    this.#error.textContent = text ?? "";
    const focused = document.activeElement === this.#retry;
    this.#retry.hidden = text === null;
    if (focused && text === null && this.#picked !== null) this.#options.get(this.#picked).button.focus();
  }
}
