// Which conversation the chat opens: the remembered one, one that waited for its person to sign in again, or a new one.

import { createConversation, openConversation } from "./chat-api.js";
import { identityKnown } from "./chat-identity.js";
import { forgetConversation, loadConversation, loadParked, parkConversation, saveConversation, unparkConversation } from "./chat-store.js";

/** Nobody has asked anything in it yet. */
export const isUntouched = (messages) => messages.every(({ author }) => author !== "student");

/**
 * Returns `{conversation, shown, claimed, known}`: `claimed` is false when the desk could not check who is here, `known` whether
 * somebody was signed in when it was asked. `fresh()` is called when the remembered one does not exist any more. Throws a Problem.
 */
export async function enterConversation(fresh) {
  const stored = loadConversation();
  const opened = stored && (await openRemembered(stored, fresh));
  if (opened && !isUntouched(opened.shown.messages)) return opened;
  return (await openParked()) ?? opened ?? (await begin());
}

async function begin() {
  const shown = await createConversation();
  saveConversation(shown);
  return { conversation: shown, shown, claimed: true, known: identityKnown() };
}

async function openParked() {
  if (!identityKnown()) return null;
  for (const parked of loadParked()) {
    try {
      const opened = await openRemembered(parked, () => {});
      if (!opened) continue;
      unparkConversation(parked.id);
      saveConversation(parked);
      return opened;
    } catch {
      // It cannot be told now whose it is; it stays where it is.
      return null;
    }
  }
  return null;
}

/** Null when `conversation` is gone (then it is forgotten) or somebody else's (then it waits for that person). */
async function openRemembered(conversation, fresh) {
  try {
    const opened = await openConversation(conversation);
    return { conversation, ...opened, known: identityKnown() };
  } catch (problem) {
    if (!problem.gone) throw problem;
    if (problem.status === 401) {
      parkConversation(conversation);
      return null;
    }
    forgetConversation(conversation.id);
    unparkConversation(conversation.id);
    fresh();
    return null;
  }
}
