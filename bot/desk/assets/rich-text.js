// Plain text with paragraphs and lists -> DOM nodes. Never HTML.

import { el, newTabLink } from "./dom.js";

const BULLET = /^\s*[-•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,4})[.)]\s+(.*)$/;
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+/g;

/** A fragment for `text`. With `links`, web addresses become links: for text of staff and bot only. */
export function richText(text, { links = false } = {}) {
  const fragment = document.createDocumentFragment();
  let block = null;
  const open = (tag, attributes) => {
    if (!block || block.localName !== tag) {
      block = el(tag, { dir: "auto", ...attributes });
      fragment.append(block);
    }
    return block;
  };
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === "") {
      block = null;
      continue;
    }
    const bullet = BULLET.exec(line);
    const number = bullet ? null : NUMBER.exec(line);
    if (bullet) open("ul").append(el("li", { dir: "auto" }, ...inline(bullet[1], links)));
    else if (number) open("ol", { start: number[1] }).append(el("li", { dir: "auto" }, ...inline(number[2], links)));
    else {
      const paragraph = open("p");
      if (paragraph.hasChildNodes()) paragraph.append(el("br"));
      paragraph.append(...inline(line, links));
    }
  }
  return fragment;
}

function inline(text, links) {
  if (!links) return [text];
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    parts.push(text.slice(from, match.index), newTabLink(address, address));
    from = match.index + address.length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}
