// The student's chat: ties the conversation to the page.

import { showBanner } from "./chat-banner.js";
import { Composer, looksEdited } from "./chat-composer.js";
import { embedded, onHost, tellHost } from "./chat-host.js";
import { canSignIn, identityKnown, onIdentity, signIn } from "./chat-identity.js";
import { ChatLog } from "./chat-log.js";
import { smallMenu } from "./chat-menu.js";
import { ChatSession } from "./chat-session.js";
import { loadConversation } from "./chat-store.js";
import { ChatTail } from "./chat-tail.js";
import { Unread } from "./chat-unread.js";
import { byId } from "./dom.js";
import { noticeIn } from "./notice.js";

const session = new ChatSession();
const notice = noticeIn(byId("notice"));
const unread = new Unread(session);
const log = new ChatLog(
  { log: byId("log"), scroll: byId("main"), jump: byId("jump") },
  {
    person: () => askForPerson(),
    retry: (client_id) => session.outbox.retry(client_id),
    discard: (client_id) => discard(client_id),
    answer: (seq, answer) => session.answerCard(seq, answer),
    say: (text) => send(text, null),
    signIn,
  },
);
const tail = new ChatTail(byId("tail"), log);
const composer = new Composer(
  { form: byId("composer"), text: byId("text"), send: byId("send"), counter: byId("counter"), voice: byId("counter-voice") },
  (text, link) => send(text, link),
);

function send(text, link) {
  notice.clear();
  const failed = link && session.outbox.find(link.client_id);
  if (failed && failed.text === text) return session.outbox.retry(failed.client_id);
  if (failed && looksEdited(failed.text, text)) discard(failed.client_id);
  session.outbox.add(text);
}

function discard(client_id) {
  session.outbox.drop(client_id);
  log.dropPending(client_id);
  composer.release(client_id);
  if (!session.outbox.items.some(({ status }) => status === "failed")) notice.clear("danger");
  byId("text").focus();
}

function retryAll() {
  notice.clear();
  for (const { client_id } of session.outbox.items) session.outbox.retry(client_id);
}

async function askForPerson() {
  const button = byId("person");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await session.handOff();
    notice.clear();
  } catch (problem) {
    notice.show(`A person could not be asked for. ${problem.detail ?? ""}`.trim(), { retry: askForPerson });
  } finally {
    button.removeAttribute("aria-busy");
  }
}

async function startNew() {
  const holder = session.state?.holder;
  if ((holder === "queue" || holder === "agent") && !(await confirmed(byId("confirm-new")))) return;
  try {
    await session.startNew();
    notice.clear();
    composer.focus();
  } catch (problem) {
    notice.show(`A new conversation could not be started. ${problem.detail ?? ""}`.trim(), { retry: startNew });
  }
}

function confirmed(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const connectionWords = { connecting: "Connecting…", online: "Connected", offline: "No connection – trying again" };

const listeners = {
  reset() {
    log.reset(session.messages.values(), session.outbox.items);
    tail.draft(null);
    tail.typing(null);
    tellHost("active");
    unread.update();
  },
  message({ message }) {
    if (message.author !== "student") tail.typing(null);
    log.add(message);
    unread.update();
  },
  outbox({ item }) {
    log.showPending(item);
    if (item.status === "sending") composer.release(item.client_id);
    else {
      composer.restore(item);
      notice.show(item.detail, { retry: retryAll });
    }
  },
  settled({ client_id }) {
    log.dropPending(client_id);
    composer.release(client_id);
    if (session.outbox.items.length === 0) notice.clear("danger");
  },
  state() {
    const { state } = session;
    document.body.dataset.holder = state?.holder ?? "";
    showBanner(byId("banner"), state, { onNew: startNew });
  },
  draft: ({ text }) => tail.draft(text),
  typing: ({ on }) => tail.typing(on ? writer() : null),
  connection({ value }) {
    const place = byId("connection");
    place.dataset.state = value;
    if (place.textContent !== connectionWords[value]) place.textContent = connectionWords[value];
    if (value !== "online") return;
    for (const { client_id, status, passing } of session.outbox.items) {
      if (status === "failed" && passing && !composer.isEditing(client_id)) session.outbox.retry(client_id);
    }
  },
  trouble: ({ problem }) => notice.show(problem.detail ?? "The chat could not be opened.", { retry: () => session.retryNow() }),
  fresh: () => notice.show("Your earlier conversation is no longer here, so this is a new one.", { kind: "quiet" }),
  left: () =>
    notice.show(
      identityKnown()
        ? "Another account is signed in now, so this is a new conversation."
        : "You are signed out now, so this is a new conversation.",
      { kind: "quiet" },
    ),
};
for (const [type, listener] of Object.entries(listeners)) session.addEventListener(type, ({ detail }) => listener(detail));

// The sign-in cards show by these what fits now.
function showIdentity() {
  document.body.dataset.signedIn = String(identityKnown());
  document.body.dataset.canSignIn = String(canSignIn());
}
onIdentity(showIdentity);
showIdentity();

function writer() {
  return session.state?.holder === "agent"
    ? { author: "agent", name: session.state.agent_name ?? "The support team" }
    : { author: "bot", name: "The assistant" };
}

let begun = false;
async function begin() {
  if (begun) return;
  begun = true;
  await session.open();
  session.outbox.resume();
}

byId("person").addEventListener("click", askForPerson);
byId("start-new").addEventListener("click", startNew);
smallMenu(byId("menu"), byId("menu-button"), byId("menu-panel"));

byId("close").hidden = !embedded;
byId("close").addEventListener("click", () => tellHost("close"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) tellHost("close");
});
onHost("hidden", () => (unread.shown = false));
onHost("shown", () => {
  unread.shown = true;
  begin();
  // On a touch screen the keyboard would hide what there is to read.
  if (matchMedia("(pointer: fine)").matches) composer.focus();
  else byId("chat-heading").focus();
});
tellHost("ready");
if (!embedded || loadConversation()) begin();
