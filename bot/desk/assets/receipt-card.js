// A receipt: what Porter has done. The same for the student and for the agent.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { full } from "./time.js";

/** Everything in it is plain text: courses and names are typed by people. With `titled: false` the message above says the title. */
export function receiptCard({ id, title, facts, done_at }, { titled = true } = {}) {
  return el(
    "div",
    { class: "action-card receipt", role: "group", "aria-label": "Receipt", "data-testid": "card-receipt", "data-receipt": id },
    cardHead("tick", titled ? title : null),
    factList(facts),
    receiptFoot("Done", done_at, id),
  );
}

/** A drawing and the title beside it. */
export function cardHead(drawing, title) {
  return el(
    "div",
    { class: "card-head" },
    el("span", { class: "card-badge" }, icon(drawing)),
    title === null ? null : el("p", { class: "card-title", dir: "auto" }, title),
  );
}

/** Labels and values; null when there are none. */
export function factList(facts) {
  if (!facts?.length) return null;
  return el(
    "dl",
    { class: "fact-list" },
    ...facts.map(({ label, value }) => el("div", {}, el("dt", {}, label), el("dd", { dir: "auto" }, value))),
  );
}

/** The small print: when, and the receipt's number in short. */
export function receiptFoot(word, time, id) {
  return el(
    "p",
    { class: "card-foot" },
    el("time", { datetime: time }, `${word} ${full(time)}`),
    el("span", { title: id }, el("span", { class: "visually-hidden" }, ", "), `Receipt ${shortId(id)}`),
  );
}

const shortId = (id) => id.slice(0, 8).toUpperCase();
