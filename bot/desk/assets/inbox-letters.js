// What came by mail or from another system: who it says it is from, its files, and what else was in it.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const channels = { mail: { name: "E-mail", icon: "mail" }, api: { name: "Form", icon: "form" } };

/** A sign for how a ticket came in; null for the chat. `named`: with the word beside it. */
export function channelMark(channel, { named = false } = {}) {
  const known = channels[channel];
  if (!known) return null;
  const word = el("span", { class: named ? "" : "visually-hidden" }, known.name);
  return el("span", { class: "channel", title: known.name, "data-testid": "channel", "data-channel": channel }, icon(known.icon), word);
}

/** What is shown under a message that was a mail; null when there is nothing. */
export function letterExtras(letter) {
  if (!letter) return null;
  const parts = [
    letter.other_sender ? el("p", { class: "said-note" }, "From another address: ", el("span", { dir: "auto" }, letter.other_sender)) : null,
    letter.files.length ? files(letter.files) : null,
    letter.rest ? rest(letter.rest) : null,
  ].filter(Boolean);
  return parts.length ? el("div", { class: "letter" }, ...parts) : null;
}

function files(list) {
  return el(
    "ul",
    { class: "letter-files", "aria-label": "Files that came with it; they are not kept", "data-testid": "letter-files" },
    ...list.map(({ name, media_type, size }) =>
      el("li", {}, el("span", { dir: "auto" }, name || "A file without a name"), ` · ${media_type} · ${bytes(size)} · not kept`),
    ),
  );
}

function rest(text) {
  const body = el("div", { class: "text", dir: "auto" });
  body.style.whiteSpace = "pre-wrap";
  body.textContent = text;
  return el("details", { class: "letter-rest", "data-testid": "letter-rest" }, el("summary", {}, "Quoted, forwarded or signed"), body);
}

function bytes(size) {
  if (size < 1_000) return `${size} B`;
  return size < 1_000_000 ? `${Math.round(size / 1_000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** The section about the correspondence; null for a chat. */
export function letterSection(letters) {
  if (!letters) return null;
  const { channel, address, name, subject, language, replies } = letters;
  const fact = (term, value) => (value ? [el("dt", {}, term), el("dd", { dir: "auto" }, value)] : []);
  const failed = replies.filter(({ failure }) => failure);
  return el(
    "section",
    { class: "fact", "data-testid": "letter" },
    el("h3", {}, channels[channel]?.name ?? "Letter"),
    el(
      "dl",
      { class: "letter-facts" },
      ...fact("From", name),
      ...fact("Address", address ?? "none"),
      ...fact("Subject", subject),
      ...fact("Language", language),
    ),
    ...failed.map(({ failure }) => el("p", { class: "letter-failure", "data-testid": "letter-failure" }, failure)),
  );
}
