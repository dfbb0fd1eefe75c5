// The form that names an account. What is typed here goes to code only: it is not a message, and no model reads it.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const HINT = "Enter the whole address, for example name@example.com.";

export class AddressCard {
  /** The receipt of this action answers the card, also after a reload. */
  awaits = "password_reset";
  busy = false;
  answered = false;

  #submit;
  #input;
  #button = el("button", { type: "submit", class: "button button-primary", "data-testid": "card-address-send" }, "Send the link");
  #error;
  #form;
  #done;
  #failed = false;

  /** `submit({address})` sends it and may throw a Problem. */
  constructor(seq, submit) {
    this.#submit = submit;
    const id = `card-address-${seq}`;
    this.#error = el("p", { class: "card-error", id: `${id}-error`, role: "alert", "data-testid": "card-error" });
    this.#input = el("input", {
      id,
      type: "email",
      name: "email",
      autocomplete: "email",
      autocapitalize: "none",
      spellcheck: "false",
      enterkeyhint: "send",
      maxlength: "254",
      "aria-describedby": `${id}-error`,
      "data-testid": "card-address-input",
    });
    this.#form = el(
      "form",
      { class: "card-form", novalidate: true, onsubmit: (event) => this.#onSubmit(event) },
      el("label", { for: id }, "E-mail address of your account"),
      this.#input,
      this.#button,
      this.#error,
    );
    this.#done = el(
      "div",
      { class: "card-done-row", hidden: true },
      el("p", { class: "card-done", tabindex: "-1", "data-testid": "card-done" }, icon("tick"), "Asked for."),
      el("button", { type: "button", class: "button-link", onclick: () => this.#again() }, "Use another address"),
    );
    this.node = el(
      "div",
      { class: "action-card", role: "group", "aria-label": "Link for a new password", "aria-live": "off", "data-testid": "card-address-form" },
      this.#form,
      this.#done,
    );
    this.#input.addEventListener("input", () => this.#say(null));
  }

  /** A receipt answers the card. */
  settle() {
    if (this.answered) return;
    this.answered = true;
    const focused = this.#form.contains(document.activeElement);
    this.#input.value = "";
    this.#form.hidden = true;
    this.#done.hidden = false;
    if (focused) this.#done.firstChild.focus();
  }

  async #onSubmit(event) {
    event.preventDefault();
    // A double click, or Enter while it is under way.
    if (this.busy) return;
    const address = this.#input.value.trim();
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
      this.#say(HINT, { invalid: true });
      this.#input.focus();
      return;
    }
    this.#say(null);
    this.busy = true;
    this.#show();
    try {
      await this.#submit({ address });
      this.settle();
    } catch (problem) {
      this.#failed = true;
      this.#say(problem.detail ?? "Something went wrong in this page.", { invalid: problem.status === 422 });
    } finally {
      this.busy = false;
      this.#show();
    }
  }

  #say(text, { invalid = false } = {}) {
    if (text === null) this.#failed = false;
    this.#error.textContent = text ?? "";
    if (invalid) this.#input.setAttribute("aria-invalid", "true");
    else this.#input.removeAttribute("aria-invalid");
    this.#show();
  }

  #show() {
    // Not `disabled`: that would take the focus away from somebody at the keyboard.
    this.#input.readOnly = this.busy;
    this.#button.setAttribute("aria-busy", String(this.busy));
    this.#button.textContent = this.busy ? "Sending…" : this.#failed ? "Try again" : "Send the link";
  }

  #again() {
    this.answered = false;
    this.#say(null);
    this.#done.hidden = true;
    this.#form.hidden = false;
    this.#input.focus();
  }
}
