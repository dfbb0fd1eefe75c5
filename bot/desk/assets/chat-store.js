// What the chat remembers in the browser. The conversation is shared by all tabs of a site; drafts belong to one tab.

import { embedded, host } from "./chat-host.js";

// Each site that shows the chat has a conversation of its own: one may know who is signed in where another does not. Browsers that
// divide storage by site do the same.
const SITE = embedded && host !== location.origin ? `@${host}` : "";
const CONVERSATION = `porter.conversation${SITE}`;
const PARKED = `porter.parked${SITE}`;
const MOST_PARKED = 3;
const SEEN = "porter.seen";
const DRAFT = "porter.draft";
const OUTBOX = "porter.outbox";

const memory = new Map();

// Storage may be blocked or full: then the page's own memory serves.
function read(storage, key) {
  try {
    const text = globalThis[storage].getItem(key);
    return text === null ? (memory.get(key) ?? null) : JSON.parse(text);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(storage, key, value) {
  memory.delete(key);
  try {
    if (value === null) globalThis[storage].removeItem(key);
    else globalThis[storage].setItem(key, JSON.stringify(value));
  } catch {
    if (value !== null) memory.set(key, value);
  }
}

const valid = (value) => (typeof value?.id === "string" && typeof value?.token === "string" ? value : null);

export const loadConversation = () => valid(read("localStorage", CONVERSATION));
export const saveConversation = ({ id, token }) => write("localStorage", CONVERSATION, { id, token });

/** Forgets the conversation `id`, unless another tab has begun a newer one. */
export function forgetConversation(id) {
  if (loadConversation()?.id === id) write("localStorage", CONVERSATION, null);
}

/** Conversations of people who are not signed in now, the newest first. Their tokens open nothing without the person. */
export function loadParked() {
  const list = read("localStorage", PARKED);
  return Array.isArray(list) ? list.filter(valid) : [];
}

/** Puts the conversation aside until its person is signed in again. */
export function parkConversation({ id, token }) {
  forgetConversation(id);
  const others = loadParked().filter((parked) => parked.id !== id);
  write("localStorage", PARKED, [{ id, token }, ...others].slice(0, MOST_PARKED));
}

export function unparkConversation(id) {
  const others = loadParked().filter((parked) => parked.id !== id);
  write("localStorage", PARKED, others.length === 0 ? null : others);
}

/** Calls `listener(conversation)` when another tab begins a conversation. */
export function onConversationChange(listener) {
  addEventListener("storage", (event) => {
    if (event.key !== CONVERSATION || event.newValue === null) return;
    const conversation = loadConversation();
    if (conversation) listener(conversation);
  });
}

/** The highest seq of the conversation that the person has had before their eyes. */
export function loadSeen(id) {
  const seen = read("localStorage", SEEN);
  return seen?.id === id ? seen.seq : 0;
}
export const saveSeen = (id, seq) => write("localStorage", SEEN, { id, seq });

/** `{text, client_id}`: the text in the box, and the unsent message that it came back from, if any. */
export const loadDraft = () => read("sessionStorage", DRAFT) ?? { text: "", client_id: null };
export const saveDraft = (draft) => write("sessionStorage", DRAFT, draft.text === "" ? null : draft);

/** Messages that the server has not confirmed yet. */
export const loadOutbox = () => read("sessionStorage", OUTBOX) ?? [];
export const saveOutbox = (items) => write("sessionStorage", OUTBOX, items.length === 0 ? null : items);

/** Runs `task` while no other tab does: two tabs must not begin two conversations. */
export async function exclusively(task) {
  let started = false;
  try {
    return await navigator.locks.request(CONVERSATION, () => {
      started = true;
      return task();
    });
  } catch (error) {
    // No locks here (plain http, or a frame whose storage the browser blocks): then without.
    if (started) throw error;
    return task();
  }
}
