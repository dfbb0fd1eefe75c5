// The right pane: what an agent needs to know without reading the conversation.

import { el, newTabLink } from "./dom.js";
import { actsList, studentBadge } from "./inbox-acts.js";
import { letterSection } from "./inbox-letters.js";
import { foldLong } from "./long-text.js";
import { confidenceOf, intentName } from "./inbox-words.js";
import { richText } from "./rich-text.js";
import { ageInWords } from "./time.js";

/** Fills `pane` for `detail`; `on.use()` takes the proposed reply, `on.close()` closes the pane on small screens. */
export function showContext(pane, detail, on) {
  if (!detail) return pane.replaceChildren();
  const parts = [
    el(
      "div",
      { class: "context-head" },
      el("h2", {}, "About this ticket"),
      el("button", { type: "button", class: "button context-close", onclick: () => on.close() }, "Close"),
    ),
    studentBadge(detail.student),
    letterSection(detail.letters),
    section("Summary", el("div", { "data-testid": "summary", class: "text" }, richText(detail.summary))),
    section("Why it came to a person", el("p", { "data-testid": "reason" }, detail.reason)),
    section("What Porter understood", ...understanding(detail)),
    acts(detail.receipts),
    proposal(detail, on),
    section("Passages from the help centre", passages(detail.passages)),
    section(
      "Was it right?",
      el("p", {}, "If the assistant should have done something else, say so: the next training learns it, or every eval asks for it from then on."),
      el(
        "p",
        { class: "context-actions" },
        el("a", { class: "button", href: `/admin/evals/cases/new?purpose=teach&ticket=${detail.id}`, "data-testid": "correct" }, "Correct it"),
        el("a", { class: "button", href: `/admin/evals/cases/new?ticket=${detail.id}`, "data-testid": "make-case" }, "Make this an eval case"),
      ),
    ),
  ];
  pane.replaceChildren(...parts.filter(Boolean));
}

function section(title, ...content) {
  return el("section", { class: "fact" }, el("h3", {}, title), ...content);
}

function acts(receipts) {
  const list = actsList(receipts);
  return list && section("What Porter did", list);
}

function understanding({ intent, confidence, created_at }) {
  const sure = confidenceOf(confidence);
  if (!intent || !sure) return [el("p", {}, `It could not say what this is about. Asked ${ageInWords(created_at)}.`)];
  const fill = el("span", { class: "meter-fill" });
  fill.style.width = `${sure.percent}%`;
  return [
    el("p", {}, el("strong", {}, intentName(intent)), ` · asked ${ageInWords(created_at)}`),
    el(
      "p",
      { class: `meter meter-${sure.level}`, "data-testid": "confidence" },
      el("span", { class: "meter-track", "aria-hidden": "true" }, fill),
      el("span", {}, `${sure.words} (${sure.percent} %)`),
    ),
  ];
}

function proposal({ proposed_reply, status, mine }, on) {
  if (!proposed_reply) return null;
  const open = status === "claimed" && mine;
  return section(
    "Proposed reply",
    el("div", { class: "proposal text", "data-testid": "proposed-reply" }, richText(proposed_reply)),
    el(
      "p",
      { class: "proposal-actions" },
      el("button", { type: "button", class: "button", "data-testid": "use-proposed", disabled: !open, onclick: () => on.use() }, "Use this reply"),
      el("span", {}, open ? "You can edit it before it is sent." : status === "queued" ? "Claim the ticket to use it." : ""),
    ),
  );
}

function passages(list) {
  if (list.length === 0) return el("p", { class: "quiet" }, "No passage fits this question.");
  return el("ol", { class: "passages" }, ...list.map(passage));
}

function passage({ title, url, heading, text, score }) {
  const body = el("div", { class: "text" });
  body.append(richText(text));
  return el(
    "li",
    { class: "passage", "data-testid": "passage" },
    el("p", { class: "passage-title" }, newTabLink(url, title), heading && heading !== title ? el("span", {}, ` › ${heading}`) : null),
    body,
    foldLong(body, text),
    typeof score === "number" ? el("p", { class: "passage-score" }, `Match ${score.toFixed(2)}`) : null,
  );
}
