// "Which of these do you mean?": a button a wish. Pressing one says it, as if it had been typed; whatever is said next answers the card.

import { el } from "./dom.js";
import { icon } from "./icons.js";

export class WishesCard {
  busy = false;
  answered = false;
  awaits = null;
  /** The person's next message answers the card, also after a reload. */
  awaitsWords = true;

  #buttons;

  /** `say(text)` sends a message. */
  constructor(wishes, say) {
    this.#buttons = wishes.map(({ text }) => ({ text, button: this.#button(text, say) }));
    this.node = el(
      "div",
      { class: "action-card", role: "group", "aria-label": "Which of these do you mean?", "aria-live": "off", "data-testid": "card-wishes" },
      el("ul", { class: "choice" }, ...this.#buttons.map(({ button }) => el("li", {}, button))),
    );
  }

  settle(message) {
    this.answered = true;
    for (const { text, button } of this.#buttons) {
      const mine = text === message.text;
      button.setAttribute("aria-pressed", String(mine));
      button.setAttribute("aria-disabled", "true");
      button.disabled = !mine;
      button.lastChild.hidden = !mine;
    }
  }

  #button(text, say) {
    const press = () => {
      if (this.answered) return;
      this.settle({ text });
      say(text);
    };
    return el(
      "button",
      { type: "button", class: "choice-option", "data-testid": "card-wish", onclick: press },
      el("span", { class: "choice-label" }, text),
      el("span", { class: "choice-mark", hidden: true }, icon("tick"), "Chosen"),
    );
  }
}
