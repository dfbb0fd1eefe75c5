// A very long text is folded, so that it does not bury the rest. Answers never are: they are there to be read.

import { el } from "./dom.js";

const LONG_CHARACTERS = 1_800;
const LONG_LINES = 30;

/** Folds `body` when `text` is long; returns the button that unfolds it, or null. */
export function foldLong(body, text) {
  if (text.length <= LONG_CHARACTERS && text.split("\n").length <= LONG_LINES) return null;
  body.classList.add("folded");
  const button = el("button", { type: "button", class: "button-link unfold", "aria-expanded": "false" }, "Show the whole message");
  button.addEventListener("click", () => {
    const folded = body.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = folded ? "Show the whole message" : "Show less";
  });
  return button;
}
