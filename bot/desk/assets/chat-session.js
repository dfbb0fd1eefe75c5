// One conversation with the desk: which one it is, its messages, its state. Knows nothing of the page.
//
// Events: "reset" (everything anew), "message" {message}, "outbox" {item}, "settled" {client_id} (the server has it), "state",
// "draft" {text}, "typing" {on}, "connection" {value}, "trouble" {problem} (cannot be opened), "fresh" (the old one was unknown),
// "left" (the open one was not this person's any more).

import { Pause, delayOf } from "./backoff.js";
import { answerCard, askForPerson, createConversation, openConversation, sendMessage } from "./chat-api.js";
import { enterConversation, isUntouched } from "./chat-entry.js";
import { identityKnown, onIdentity } from "./chat-identity.js";
import { Outbox } from "./chat-outbox.js";
import { exclusively, loadParked, onConversationChange, saveConversation } from "./chat-store.js";
import { ChatStream } from "./chat-stream.js";
import { Problem } from "./http.js";

// A conversation lost so soon after it began hints at a fault: then begin anew without haste.
const YOUNG_MS = 10_000;
// The desk could not check who is here: asked again after this time.
const RECHECK_MS = 15_000;
const OTHER_ACCOUNT = "Another account is signed in now. Retry sends this in the new conversation.";

export class ChatSession extends EventTarget {
  messages = new Map();
  state = null;
  outbox = new Outbox((item) => this.#post(item), (item) => this.#emit("outbox", { item }));

  #conversation = null;
  #entering = null;
  #opening = null;
  #pause = new Pause();
  #stream = null;
  // The seq up to which nothing is missing: answers to our own POST may run ahead of the stream.
  #streamed = 0;
  #begun = 0;
  #recheck = 0;
  #lost = null;

  constructor() {
    super();
    onConversationChange((conversation) => this.#follow(conversation));
    onIdentity(({ changed }) => changed && this.#identify());
    addEventListener("online", () => this.#pause.end());
  }

  get id() {
    return this.#conversation?.id ?? null;
  }

  get lastSeq() {
    return Math.max(0, ...this.messages.keys());
  }

  /** Opens the remembered conversation or a new one; tries until it works. */
  open() {
    this.#opening ??= this.#openPatiently().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  retryNow() {
    this.#pause.end();
  }

  /** Leaves this conversation for a new one; throws a Problem when that fails, and nothing has changed then. */
  async startNew() {
    const body = await createConversation();
    saveConversation(body);
    this.#begin(body, body);
  }

  /** Asks for a person. Asking again does no harm. */
  async handOff() {
    const { conversation, answer } = await this.#withConversation(askForPerson);
    if (this.id === conversation.id) this.#setState(answer);
  }

  /** Answers the card of message `seq`; throws a Problem. What came of it is a message of the conversation. */
  async answerCard(seq, answer) {
    const conversation = this.#conversation;
    if (!conversation) throw new Problem(0, "There is no connection to the support desk.");
    try {
      const message = await answerCard(conversation, seq, answer);
      if (this.id === conversation.id) this.#accept(message);
    } catch (problem) {
      // Only a 401 is about the conversation here; a 404 may be about the card.
      if (problem.status === 401) this.#lose(conversation);
      throw problem;
    }
  }

  async #openPatiently() {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#enter();
      } catch (problem) {
        this.#emit("connection", { value: "offline" });
        this.#emit("trouble", { problem });
        await this.#pause.for(problem.retryAfter ? problem.retryAfter * 1_000 : delayOf(attempt));
      }
    }
  }

  #enter() {
    if (this.#conversation) return Promise.resolve(this.#conversation);
    this.#entering ??= exclusively(() => this.#enterAnew()).finally(() => {
      this.#entering = null;
    });
    return this.#entering;
  }

  async #enterAnew() {
    this.#emit("connection", { value: "connecting" });
    const { conversation, shown, claimed, known } = await enterConversation(() => {
      this.#lost = null;
      this.#emit("fresh");
    });
    const begun = this.#begin(conversation, shown);
    if (this.#lost !== null && this.#lost !== begun.id) this.#emit("left");
    this.#lost = null;
    if (!claimed) this.#identifyLater();
    // The page around has said who is here while the desk was being asked.
    else if (known !== identityKnown()) this.#identify();
    return begun;
  }

  /** Somebody has signed in or out on the page around: whose is the open conversation? */
  async #identify() {
    clearTimeout(this.#recheck);
    const conversation = this.#conversation;
    if (!conversation) return;
    try {
      const { shown, claimed } = await openConversation(conversation);
      if (this.id !== conversation.id) return;
      // An earlier conversation of this person's goes before one that has not begun.
      if (claimed && identityKnown() && isUntouched(shown.messages) && loadParked().length > 0) return void this.#reenter();
      for (const message of shown.messages) this.#accept(message);
      this.#setState(shown.state);
      if (!claimed) this.#identifyLater();
    } catch (problem) {
      if (problem.gone) this.#lose(conversation);
      else if (this.id === conversation.id) this.#identifyLater();
    }
  }

  #identifyLater() {
    clearTimeout(this.#recheck);
    this.#recheck = setTimeout(() => this.#identify(), RECHECK_MS);
  }

  /** Leaves this conversation for whichever is remembered now. */
  #reenter() {
    this.#stream?.close();
    this.#conversation = null;
    return this.open();
  }

  #begin({ id, token }, { messages, state }) {
    this.#stream?.close();
    const conversation = { id, token };
    this.#conversation = conversation;
    this.#begun = Date.now();
    this.messages = new Map(messages.map((message) => [message.seq, message]));
    this.#streamed = this.lastSeq;
    const settled = messages.filter(({ client_id }) => client_id && this.outbox.drop(client_id));
    this.#emit("reset");
    for (const { client_id } of settled) this.#emit("settled", { client_id });
    this.#setState(state);
    this.#stream = new ChatStream(conversation, () => this.#streamed, {
      event: (name, value) => this.#onEvent(name, value),
      connection: (value) => this.#onConnection(value),
      gone: () => this.#lose(conversation),
    });
    return conversation;
  }

  /** The server does not know `conversation` (any more), or it is not this person's: begin anew, keep what was not sent. */
  #lose(conversation) {
    if (this.#conversation?.id !== conversation.id) return;
    this.#stream?.close();
    this.#conversation = null;
    this.#lost = conversation.id;
    setTimeout(() => this.open(), Date.now() - this.#begun < YOUNG_MS ? YOUNG_MS : 0);
  }

  #follow(conversation) {
    if (this.#conversation && this.#conversation.id !== conversation.id) this.#reenter();
  }

  async #withConversation(action, ...rest) {
    const conversation = await this.#enter();
    try {
      return { conversation, answer: await action(conversation, ...rest) };
    } catch (problem) {
      if (!problem.gone) throw problem;
      this.#lose(conversation);
      // What was written on one person's page must not slip into another's conversation unasked.
      if (problem.status === 401 && identityKnown()) throw new Problem(401, OTHER_ACCOUNT);
    }
    const next = await this.#enter();
    return { conversation: next, answer: await action(next, ...rest) };
  }

  async #post(item) {
    const { conversation, answer } = await this.#withConversation(sendMessage, item);
    if (this.id === conversation.id) this.#accept(answer);
    else this.#settle(item.client_id);
  }

  #onEvent(name, value) {
    if (name === "message") {
      this.#streamed = Math.max(this.#streamed, value.seq);
      this.#emit("draft", { text: null });
      this.#accept(value);
    } else if (name === "draft") this.#emit("draft", { text: value.text });
    else if (name === "typing") this.#emit("typing", { on: value.on === true });
    else if (name === "state") this.#setState(value);
  }

  #onConnection(value) {
    this.#emit("connection", { value });
    if (value === "offline") {
      this.#emit("draft", { text: null });
      this.#emit("typing", { on: false });
    }
  }

  #accept(message) {
    if (!this.messages.has(message.seq)) {
      this.messages.set(message.seq, message);
      this.#emit("message", { message });
    }
    if (message.client_id) this.#settle(message.client_id);
  }

  #settle(client_id) {
    if (this.outbox.drop(client_id)) this.#emit("settled", { client_id });
  }

  #setState(state) {
    this.state = state;
    this.#emit("state");
  }

  #emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
