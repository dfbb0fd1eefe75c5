// The card of a message: something to fill in, to choose, or to read. Code reads what is entered there, never a model.

import { AddressCard } from "./chat-card-address.js";
import { ChoiceCard } from "./chat-card-choice.js";
import { signInCard } from "./chat-card-sign-in.js";
import { WishesCard } from "./chat-card-wishes.js";
import { findingsCard } from "./findings-card.js";
import { receiptCard } from "./receipt-card.js";

/**
 * `{node, awaits, busy, answered, settle(message)}` for the card of `message`, or null. `awaits` names the action whose receipt
 * answers it (null: none does); `awaitsWords` says that the person's next message does. `on.answer(seq, answer)` sends an answer and may throw a
 * Problem; `on.say(text)` sends a message; `on.signIn()` opens the sign-in page.
 */
export function cardOf(message, on) {
  const { card, seq, text } = message;
  const answer = (value) => on.answer(seq, value);
  if (card?.kind === "address_form") return new AddressCard(seq, answer);
  if (card?.kind === "choice") return new ChoiceCard(card.choice, answer);
  if (card?.kind === "wishes") return new WishesCard(card.wishes, (words) => on.say(words));
  if (card?.kind === "sign_in") return plain(signInCard(() => on.signIn()));
  if (card?.kind === "receipt") return plain(receiptCard(card.receipt, { titled: !says(text, card.receipt) }));
  if (card?.kind === "findings") return plain(findingsCard(card.receipt, card.findings, { titled: !says(text, card.receipt) }));
  // A kind that this page does not know yet: the message's text stands for itself.
  return null;
}

const plain = (node) => ({ node, awaits: null });
const says = (text, { title }) => text.trim() === title.trim();
