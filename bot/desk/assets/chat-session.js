// One conversation with the desk: which one it is, its messages, its state. Knows nothing of the page.
//
// Events: "reset" (everything anew), "message" {message}, "outbox" {item}, "settled" {client_id} (the server has it), "state",
// "draft" {text}, "typing" {on}, "connection" {value}, "trouble" {problem} (cannot be opened), "fresh" (the old one was unknown).

import { Pause, delayOf } from "./backoff.js";
import { askForPerson, createConversation, readConversation, sendMessage } from "./chat-api.js";
import { Outbox } from "./chat-outbox.js";
import { exclusively, forgetConversation, loadConversation, onConversationChange, saveConversation } from "./chat-store.js";
import { ChatStream } from "./chat-stream.js";

// A conversation lost so soon after it began hints at a fault: then begin anew without haste.
const YOUNG_MS = 10_000;

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

  constructor() {
    super();
    onConversationChange((conversation) => this.#follow(conversation));
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
    this.#entering ??= exclusively(() => this.#loadOrCreate()).finally(() => {
      this.#entering = null;
    });
    return this.#entering;
  }

  async #loadOrCreate() {
    this.#emit("connection", { value: "connecting" });
    const stored = loadConversation();
    if (stored) {
      try {
        return this.#begin(stored, await readConversation(stored));
      } catch (problem) {
        if (!problem.gone) throw problem;
        forgetConversation(stored.id);
        this.#emit("fresh");
      }
    }
    const body = await createConversation();
    saveConversation(body);
    return this.#begin(body, body);
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

  /** The server does not know `conversation` (any more): begin anew, keep what was not sent. */
  #lose(conversation) {
    if (this.#conversation?.id !== conversation.id) return;
    this.#stream?.close();
    this.#conversation = null;
    setTimeout(() => this.open(), Date.now() - this.#begun < YOUNG_MS ? YOUNG_MS : 0);
  }

  #follow(conversation) {
    if (!this.#conversation || this.#conversation.id === conversation.id) return;
    this.#stream?.close();
    this.#conversation = null;
    this.open();
  }

  async #withConversation(action, ...rest) {
    const conversation = await this.#enter();
    try {
      return { conversation, answer: await action(conversation, ...rest) };
    } catch (problem) {
      if (!problem.gone) throw problem;
      this.#lose(conversation);
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
