// What the academy's records say: one finding after another, each with the facts it rests on and what can be done.

import { academyLink } from "./academy-link.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { cardHead, factList, receiptFoot } from "./receipt-card.js";

const moods = {
  good: { word: "In order", drawing: "tick" },
  waiting: { word: "Under way", drawing: "clock" },
  problem: { word: "Needs attention", drawing: "alert" },
};

/** With `titled: false` the message above says the title. */
export function findingsCard({ id, title, facts, done_at }, findings, { titled = true } = {}) {
  return el(
    "div",
    { class: "action-card", role: "group", "aria-label": "What the records say", "data-testid": "card-findings", "data-receipt": id },
    titled ? cardHead("search", title) : null,
    factList(facts),
    el("ul", { class: "findings" }, ...findings.map(finding)),
    receiptFoot("Looked up", done_at, id),
  );
}

function finding({ about, reason, mood, sentence, evidence, remedy, needs_person }) {
  const { word, drawing } = moods[mood] ?? moods.problem;
  return el(
    "li",
    { class: "finding", "data-testid": "card-finding", "data-reason": reason, "data-mood": mood },
    about ? el("p", { class: "finding-about", dir: "auto" }, about) : null,
    el("p", { class: "finding-mood" }, icon(drawing), word),
    el("p", { class: "finding-sentence", dir: "auto" }, sentence),
    remedy ? el("p", { class: "finding-remedy" }, academyLink(remedy.url, remedy.text, { "data-testid": "card-remedy" })) : null,
    needs_person ? el("p", { class: "finding-person" }, icon("person"), "Only a person can put this right.") : null,
    evidence?.length ? el("details", { class: "finding-evidence" }, el("summary", {}, "What this rests on"), factList(evidence)) : null,
  );
}
