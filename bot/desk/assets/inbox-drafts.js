// Replies that are being written, one per ticket, kept over a reload of this tab.

import { uuid } from "./dom.js";

const key = (id) => `porter.reply.${id}`;
const memory = new Map();

/** `{text, client_id}`: client_id is set once sending was tried, so that a retry is the same message. */
export function loadReply(id) {
  try {
    const stored = sessionStorage.getItem(key(id));
    if (stored !== null) return JSON.parse(stored);
  } catch {
    // Blocked storage: the page's memory serves.
  }
  return memory.get(id) ?? { text: "", client_id: null };
}

export function saveReply(id, draft) {
  memory.set(id, draft);
  try {
    if (draft.text === "") sessionStorage.removeItem(key(id));
    else sessionStorage.setItem(key(id), JSON.stringify(draft));
  } catch {
    // Blocked or full: the memory has it.
  }
}

/** The draft that is about to be sent as `text`: with the client_id of an earlier try of the very same text. */
export function sendable(id, text) {
  const draft = loadReply(id);
  const client_id = draft.text === text && draft.client_id ? draft.client_id : uuid();
  saveReply(id, { text, client_id });
  return { text, client_id };
}
