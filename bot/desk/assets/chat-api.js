// The student's half of the HTTP contract.

import { call } from "./http.js";

const ROOT = "/api/v1/conversations";

const path = ({ id }, rest = "") => `${ROOT}/${encodeURIComponent(id)}${rest}`;
export const authorisation = ({ token }) => ({ Authorization: `Bearer ${token}` });

export const createConversation = () => call("POST", ROOT, { body: {} });

export const readConversation = (conversation) =>
  call("GET", path(conversation), { headers: authorisation(conversation) });

export const sendMessage = (conversation, { client_id, text }) =>
  call("POST", path(conversation, "/messages"), { headers: authorisation(conversation), body: { client_id, text } });

export const askForPerson = (conversation) =>
  call("POST", path(conversation, "/handoff"), { headers: authorisation(conversation), body: {} });

export const eventsPath = (conversation, after) => path(conversation, `/events?after=${after}`);
