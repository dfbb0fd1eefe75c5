// One message of the conversation, as the agent sees it.

import { el, newTabLink } from "./dom.js";
import { letterExtras } from "./inbox-letters.js";
import { inboxCard } from "./inbox-cards.js";
import { foldLong } from "./long-text.js";
import { richText } from "./rich-text.js";
import { dayName, clock, full } from "./time.js";

const names = { student: "Student", bot: "Assistant", system: "Notice" };

/** `letter`: what came with the message, when it came by mail. */
export function inboxMessage(message, letter) {
  const { author, agent_name, text, citations, created_at, seq } = message;
  const card = inboxCard(message);
  const body = el("div", { class: "text" });
  body.append(richText(text, { links: author !== "student" }));
  const name = author === "agent" ? (agent_name ?? "Support team") : names[author];
  return el(
    "article",
    { class: "said", "data-testid": "inbox-message", "data-author": author, "data-seq": String(seq), "data-card": message.card?.kind },
    el(
      "header",
      { class: "said-head" },
      el("span", { class: "said-name" }, name),
      author === "bot" ? el("span", { class: "said-tag" }, "automatic") : null,
      el("time", { datetime: created_at, title: full(created_at) }, `${dayName(created_at)}, ${clock(created_at)}`),
    ),
    el(
      "div",
      { class: "said-bubble" },
      body,
      author === "student" ? foldLong(body, text) : null,
      citations?.length
        ? el("ul", { class: "said-sources", "aria-label": "From our help centre" }, ...citations.map(({ title, url }) => el("li", {}, newTabLink(url, title))))
        : null,
    ),
    card,
    letterExtras(letter),
  );
}
