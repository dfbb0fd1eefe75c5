// The agent's half of the HTTP contract. A session that has ended leads to the sign-in page.

import { call } from "./http.js";

const ROOT = "/api/v1/inbox";
const headers = { "X-Requested-With": "porter" };

export const eventsPath = `${ROOT}/events`;

async function ask(method, path, body) {
  try {
    return await call(method, ROOT + path, { headers, body });
  } catch (problem) {
    if (problem.status === 401) location.assign("/inbox/sign-in");
    throw problem;
  }
}

const ticket = (id, rest = "") => `/tickets/${encodeURIComponent(id)}${rest}`;

export const listTickets = (view) => ask("GET", `/tickets?view=${encodeURIComponent(view)}`);
export const readTicket = (id) => ask("GET", ticket(id));
/** `act` is "claim", "release" or "resolve". */
export const actOnTicket = (id, act) => ask("POST", ticket(id, `/${act}`), {});
export const replyToTicket = (id, { client_id, text }) => ask("POST", ticket(id, "/reply"), { client_id, text });
