// The agents' inbox: ties list, conversation, context and reply box to the server.

import { byId } from "./dom.js";
import { actOnTicket, eventsPath, listTickets, readTicket, replyToTicket } from "./inbox-api.js";
import { showContext } from "./inbox-context.js";
import { shortcuts } from "./inbox-keys.js";
import { listen } from "./inbox-live.js";
import { ReplyBox } from "./inbox-reply.js";
import { currentRoute, routeTo } from "./inbox-route.js";
import { TicketRows } from "./inbox-rows.js";
import { Thread } from "./inbox-thread.js";
import { initials, urgencyNames } from "./inbox-words.js";
import { noticeIn } from "./notice.js";

const GATHER_MS = 120;
const SAFETY_POLL_MS = 60_000;
// As in inbox.css: below this width one pane is shown at a time.
const onePane = matchMedia("(max-width: 56rem)");

const page = byId("inbox");
const baseTitle = page.dataset.title;
const listNotice = noticeIn(byId("list-notice"));
const rows = new TicketRows({ list: byId("rows"), empty: byId("rows-empty") });
const thread = new Thread(byId("thread"), {
  act,
  back: () => routeTo(route.view),
  context: () => pane("context"),
});
const reply = new ReplyBox(
  { form: byId("reply"), text: byId("reply-text"), send: byId("reply-send"), hint: byId("reply-hint"), notice: byId("reply-notice") },
  { send: sendReply, failed: (id) => refreshTicket(id) },
);

let route = currentRoute();
let detail = null;
let known = null;
let queued = null;
let listRequest = 0;
let ticketRequest = 0;

byId("agent-avatar").textContent = initials(byId("agent-name").textContent);

// --- the list

async function refreshList() {
  const { view } = route;
  const request = ++listRequest;
  let answer;
  try {
    answer = await listTickets(view);
  } catch (problem) {
    if (request === listRequest) listNotice.show(problem.detail, { retry: refreshList });
    return;
  }
  if (request !== listRequest) return;
  listNotice.clear();
  const { tickets, counts } = answer;
  const fresh = view === "queue" && known ? new Set(tickets.filter(({ id }) => !known.has(id)).map(({ id }) => id)) : new Set();
  rows.show(view, tickets, { selected: route.id, fresh });
  announceQueue(view, tickets, fresh, counts.queue);
  if (view === "queue") known = new Set([...(known ?? []), ...tickets.map(({ id }) => id)]);
  showCounts(counts);
}

function announceQueue(view, tickets, fresh, count) {
  if (fresh.size === 1) {
    const { number, urgency, subject } = tickets.find(({ id }) => fresh.has(id));
    announce(`New ticket ${number}, ${urgencyNames[urgency] ?? urgency}: ${subject}`);
  } else if (fresh.size > 1) announce(`${fresh.size} new tickets in the queue`);
  else if (view !== "queue" && queued !== null && count > queued) announce(`A new ticket is in the queue. ${count} waiting.`);
  queued = count;
}

function showCounts(counts) {
  for (const place of document.querySelectorAll("[data-count]")) {
    const count = counts[place.dataset.count];
    place.textContent = count === undefined ? "" : String(count);
    place.hidden = count === undefined;
  }
  document.title = counts.queue > 0 ? `(${counts.queue}) ${baseTitle}` : baseTitle;
}

function announce(text) {
  const place = byId("announcer");
  place.textContent = "";
  setTimeout(() => (place.textContent = text), 50);
}

// --- the ticket

async function refreshTicket(id = route.id) {
  if (id === null || id !== route.id) return;
  const request = ++ticketRequest;
  try {
    const answer = await readTicket(id);
    if (request === ticketRequest && id === route.id) showTicket(answer);
  } catch (problem) {
    if (request !== ticketRequest || id !== route.id) return;
    if (detail?.id === id) thread.say.show(problem.detail, { retry: () => refreshTicket() });
    else listNotice.show(problem.detail, { retry: () => refreshTicket() });
  }
}

function showTicket(answer) {
  const before = detail;
  detail = answer;
  if (JSON.stringify(before) === JSON.stringify(answer)) return;
  byId("thread-none").hidden = true;
  thread.show(answer);
  reply.show(answer);
  showContext(byId("context"), answer, { use: useProposal, close: () => pane("thread") });
  if (before?.id !== answer.id && onePane.matches) thread.focus();
}

function closeTicket() {
  detail = null;
  ticketRequest += 1;
  thread.hide();
  reply.hide();
  showContext(byId("context"), null, {});
  byId("thread-none").hidden = false;
}

async function act(name) {
  const id = route.id;
  if (id === null) return;
  ticketRequest += 1;
  thread.busy(name);
  try {
    const answer = await actOnTicket(id, name);
    if (id !== route.id) return;
    thread.say.clear();
    showTicket(answer);
    announce({ claim: "The ticket is yours.", release: "The ticket is back in the queue.", resolve: "The ticket is resolved." }[name]);
    if (name === "claim") reply.focus();
    else thread.focus();
  } catch (problem) {
    if (id !== route.id) return;
    await refreshTicket(id);
    thread.say.show(problem.detail, { retry: problem.status === 409 ? null : () => act(name) });
  } finally {
    thread.busy(null);
    refreshList();
  }
}

async function sendReply(id, message) {
  const sent = await replyToTicket(id, message);
  if (id === route.id) thread.add(sent);
}

function useProposal() {
  pane("thread");
  reply.insert(detail.proposed_reply);
}

// --- views and panes

/** Which pane a small screen shows: "list", "thread" or "context". Wide screens show all. */
function pane(name) {
  page.dataset.pane = name;
  if (name === "context") byId("context").focus();
}

function follow() {
  const before = route;
  route = currentRoute();
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === route.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  rows.select(route.id);
  pane(route.id === null ? "list" : "thread");
  if (before.view !== route.view) refreshList();
  if (route.id === null) closeTicket();
  else if (detail?.id !== route.id) refreshTicket();
}

// --- news

let gathering = 0;
const touched = new Set();
function changed(id) {
  touched.add(id);
  clearTimeout(gathering);
  gathering = setTimeout(() => {
    refreshList();
    if (touched.has(route.id)) refreshTicket();
    touched.clear();
  }, GATHER_MS);
}

function refreshAll() {
  refreshList();
  refreshTicket();
}

const liveWords = { online: "Live", offline: "Reconnecting…" };
listen(eventsPath, {
  changed,
  resumed: refreshAll,
  state(value) {
    byId("live").dataset.state = value;
    byId("live").textContent = liveWords[value];
  },
});
setInterval(() => document.visibilityState === "visible" && refreshList(), SAFETY_POLL_MS);

shortcuts(
  { dialog: byId("keys"), opener: byId("keys-open"), toggle: byId("keys-on") },
  {
    j: () => rows.move(1),
    k: () => rows.move(-1),
    c: () => detail?.status === "queued" && act("claim"),
    r: () => reply.focus(),
    Escape() {
      if (page.dataset.pane === "context") pane("thread");
      else if (onePane.matches) routeTo(route.view);
    },
  },
);

addEventListener("hashchange", follow);
follow();
refreshList();
