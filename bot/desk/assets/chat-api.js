// The student's half of the HTTP contract. Every call says who is here, when the page around knows it.

import { dropIdentity, identityHeader, identityKnown, renewIdentity } from "./chat-identity.js";
import { call, problemOf } from "./http.js";

const ROOT = "/api/v1/conversations";

const path = ({ id }, rest = "") => `${ROOT}/${encodeURIComponent(id)}${rest}`;
const authorisation = ({ token }) => ({ Authorization: `Bearer ${token}` });

/** Tries `attempt(headers)`; once more when the desk does not know the person (any more) and the page around vouches anew. */
async function withIdentity(attempt) {
  try {
    return await attempt(await identityHeader());
  } catch (problem) {
    if (problem.status !== 401 || !(await renewIdentity())) throw problem;
  }
  return attempt(await identityHeader());
}

const ask = (method, conversation, rest, body) =>
  withIdentity((identity) => call(method, path(conversation, rest), { headers: { ...authorisation(conversation), ...identity }, body }));

/** Begins a conversation. Anybody may: also somebody whose token the desk does not take. */
export async function createConversation() {
  try {
    return await withIdentity((identity) => call("POST", ROOT, { headers: identity, body: {} }));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    dropIdentity();
    return call("POST", ROOT, { body: {} });
  }
}

/** Shows a conversation and makes it the signed-in person's own; 401 when it is somebody else's. */
export const claimConversation = (conversation) => ask("POST", conversation, "/identity", {});

/** Shows a conversation to whoever is here, and claims it for the person when one is signed in. */
export async function openConversation(conversation) {
  await identityHeader();
  if (identityKnown()) {
    try {
      return { shown: await claimConversation(conversation), claimed: true };
    } catch (problem) {
      if (problem.status !== 401 && !problem.passing) throw problem;
      if (problem.status !== 401) return { shown: await ask("GET", conversation), claimed: false };
    }
    // Somebody else's conversation opens for nobody; one that does open was nobody's, so it is the token that was refused.
    const shown = await call("GET", path(conversation), { headers: authorisation(conversation) });
    dropIdentity();
    return { shown, claimed: true };
  }
  return { shown: await ask("GET", conversation), claimed: true };
}

export const sendMessage = (conversation, { client_id, text }) => ask("POST", conversation, "/messages", { client_id, text });

export const askForPerson = (conversation) => ask("POST", conversation, "/handoff", {});

/** Answers the card of message `seq`: `{address}` or `{option}`. Returns the message that says what came of it. */
export const answerCard = (conversation, seq, answer) => ask("POST", conversation, `/cards/${seq}`, answer);

/** The response whose body is the stream of events after `after`; throws a Problem. */
export const openEvents = (conversation, after, signal) =>
  withIdentity(async (identity) => {
    const response = await fetch(path(conversation, `/events?after=${after}`), {
      headers: { ...authorisation(conversation), ...identity, Accept: "text/event-stream" },
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  });
