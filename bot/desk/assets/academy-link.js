// Links to pages of the academy. The LMS names them by path; only web addresses become links.

import { embedded, host } from "./chat-host.js";
import { el } from "./dom.js";

/** The academy's own address: as the server names it, else the page around the chat; null when neither is known. */
export function academyUrl() {
  const named = document.querySelector('meta[name="porter-academy"]')?.content;
  if (named) return webAddress(named);
  return embedded && host !== location.origin ? host : null;
}

/** A link that looks like a button; only the text when there is no address for it. */
export function academyLink(address, text, attributes = {}) {
  const href = resolve(address);
  if (!href) return el("span", { class: "academy-words" }, text);
  // A page of the site around the chat takes that site's place in the window; the chat is there too.
  const stays = embedded && new URL(href).origin === host;
  return el(
    "a",
    { class: "button academy-link", ...attributes, href, target: stays ? "_top" : "_blank", rel: "noopener" },
    text,
    stays ? null : el("span", { class: "visually-hidden" }, " (opens in a new tab)"),
  );
}

function resolve(address) {
  if (typeof address !== "string") return null;
  if (/^https?:\/\//i.test(address)) return webAddress(address);
  const academy = academyUrl();
  if (!academy || !address.startsWith("/")) return null;
  try {
    const url = new URL(address, academy);
    // "//elsewhere" is a path in looks only.
    return url.origin === new URL(academy).origin ? url.href : null;
  } catch {
    return null;
  }
}

function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
