// The event stream of one conversation: kept open, resumed from the last seq after every break.

import { Pause, delayOf } from "./backoff.js";
import { openEvents } from "./chat-api.js";
import { eventParser } from "./sse.js";

// The server sends a comment every 15 s: a stream silent for longer is dead.
const SILENCE_MS = 40_000;
// A tab in the background gives its connection back after a while; browsers allow only six.
const BACKGROUND_MS = 60_000;
// The server ends a stream when it has to be said anew who is here: one that has lasted so long is opened again at once.
const LASTED_MS = 5_000;

/**
 * `on.event(name, value)`, `on.connection("online" | "offline")` and `on.gone()` (conversation unknown, or not this person's).
 * `after()` says from which seq to resume.
 */
export class ChatStream {
  #conversation;
  #on;
  #after;
  #closed = false;
  #abort = null;
  #pause = new Pause();
  #attempt = 0;
  #watchdog = 0;
  #background = 0;
  #listeners = new AbortController();

  constructor(conversation, after, on) {
    this.#conversation = conversation;
    this.#after = after;
    this.#on = on;
    const { signal } = this.#listeners;
    addEventListener("online", () => this.#wake(), { signal });
    addEventListener("offline", () => this.#abort?.abort(), { signal });
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    // A page that the browser keeps in its memory keeps its connections too, and after six such pages there is none left.
    addEventListener("pagehide", () => this.#abort?.abort(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#wake(), { signal });
    this.#run();
  }

  close() {
    this.#closed = true;
    this.#listeners.abort();
    clearTimeout(this.#background);
    this.#abort?.abort();
    this.#pause.end();
  }

  #wake() {
    this.#attempt = 0;
    this.#pause.end();
  }

  #visibility() {
    clearTimeout(this.#background);
    if (document.visibilityState === "visible") this.#wake();
    else this.#background = setTimeout(() => this.#abort?.abort(), BACKGROUND_MS);
  }

  async #run() {
    while (!this.#closed) {
      const begun = Date.now();
      try {
        await this.#read();
        if (!this.#closed && Date.now() - begun > LASTED_MS) continue;
      } catch {
        // A break of any kind is met below: wait, then resume.
      }
      clearTimeout(this.#watchdog);
      if (this.#closed) return;
      this.#on.connection("offline");
      const asleep = document.visibilityState === "hidden";
      await this.#pause.for(asleep ? BACKGROUND_MS : delayOf(this.#attempt));
      this.#attempt += 1;
    }
  }

  async #read() {
    const abort = new AbortController();
    this.#abort = abort;
    this.#watch();
    const response = await this.#open(abort.signal);
    if (this.#closed) return;
    this.#on.connection("online");
    const parse = eventParser(({ event, data }) => this.#deliver(event, data));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#watch();
      this.#attempt = 0;
      parse(value);
    }
  }

  async #open(signal) {
    try {
      return await openEvents(this.#conversation, this.#after(), signal);
    } catch (problem) {
      if (problem.gone && !this.#closed) {
        this.close();
        this.#on.gone();
      }
      throw problem;
    }
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#abort?.abort(), SILENCE_MS);
  }

  #deliver(event, data) {
    if (this.#closed) return;
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    this.#on.event(event, value);
  }
}
