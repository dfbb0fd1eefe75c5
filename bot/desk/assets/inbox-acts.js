// Who the student is, and what Porter has done for them in this conversation.

import { el } from "./dom.js";
import { findingsCard } from "./findings-card.js";
import { icon } from "./icons.js";
import { inboxCard } from "./inbox-cards.js";
import { actionName } from "./inbox-words.js";
import { receiptCard } from "./receipt-card.js";
import { full } from "./time.js";

/** Whether the LMS vouches for somebody, and for whom. The name is the account's: people choose it themselves. */
export function studentBadge(student) {
  if (student?.verified !== true) {
    return el(
      "p",
      { class: "student student-unknown", "data-testid": "student" },
      icon("alert"),
      el("span", {}, el("strong", {}, "Not signed in:"), " do not assume who this is."),
    );
  }
  return el(
    "p",
    { class: "student student-known", "data-testid": "student" },
    icon("tick"),
    el("span", {}, "Signed in as ", el("strong", { dir: "auto" }, student.name)),
  );
}

/** The list of what was done and looked up; null when the server does not say. */
export function actsList(receipts) {
  if (!Array.isArray(receipts)) return null;
  if (receipts.length === 0) return el("p", { class: "quiet" }, "Nothing: it has changed nothing and looked nothing up.");
  return el("ol", { class: "acts" }, ...receipts.map(act));
}

function act({ action, state, outcome, failure, begun_at }) {
  return el(
    "li",
    { class: "act", "data-testid": "act", "data-action": action, "data-state": state },
    el("p", { class: "act-name" }, el("strong", {}, actionName(action)), el("span", { class: `chip chip-${state}` }, stateWord(state, outcome))),
    body(outcome) ?? el("p", { class: "act-time" }, el("time", { datetime: begun_at }, `Begun ${full(begun_at)}`)),
    doubt(state, failure),
  );
}

/** What an agent must know of an action without an outcome. */
function doubt(state, failure) {
  if (state === "done") return null;
  const words =
    state === "failed" && failure !== "unclear"
      ? "It was not carried out."
      : "The academy’s system has not confirmed it: it may have been done. Asking for it again does no harm.";
  return el("p", { class: "act-note" }, words);
}

function body(outcome) {
  if (outcome?.outcome === "done") return receiptCard(outcome.receipt);
  if (outcome?.outcome === "explained") return findingsCard(outcome.receipt, outcome.findings);
  if (outcome?.outcome === "choose") return inboxCard({ card: { kind: "choice", choice: outcome.choice }, text: "" });
  return null;
}

function stateWord(state, outcome) {
  if (state === "failed") return "Failed";
  if (state === "begun") return "Not finished";
  return { explained: "Looked up", choose: "Asked which one" }[outcome?.outcome] ?? "Done";
}
