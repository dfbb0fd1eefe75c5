// The card of a message as the agent sees it: the same words, nothing to press.

import { el } from "./dom.js";
import { findingsCard } from "./findings-card.js";
import { receiptCard } from "./receipt-card.js";

/** A node for the card of `message`, or null. */
export function inboxCard({ card, text }) {
  if (card?.kind === "address_form") return note("A form for the account’s address. What is entered there is not shown to anybody.");
  if (card?.kind === "sign_in") return note("A button to sign in.");
  if (card?.kind === "choice") return choice(card.choice);
  if (card?.kind === "wishes") return choice({ prompt: "Which of these do you mean?", options: card.wishes.map(({ text }) => ({ label: text })) });
  if (card?.kind === "receipt") return receiptCard(card.receipt, { titled: text.trim() !== card.receipt.title.trim() });
  if (card?.kind === "findings") return findingsCard(card.receipt, card.findings, { titled: text.trim() !== card.receipt.title.trim() });
  return null;
}

const note = (words) => el("p", { class: "said-note" }, words);

function choice({ prompt, options }) {
  return el(
    "div",
    { class: "action-card", role: "group", "aria-label": prompt },
    el("p", { class: "said-note" }, "To choose from:"),
    el(
      "ul",
      { class: "choice" },
      ...options.map(({ label, detail }) =>
        el(
          "li",
          { class: "choice-option" },
          el("span", { class: "choice-label", dir: "auto" }, label),
          detail ? el("span", { class: "choice-detail", dir: "auto" }, detail) : null,
        ),
      ),
    ),
  );
}
