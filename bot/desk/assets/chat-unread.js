// How many messages came while the panel around the chat was closed.

import { embedded, tellHost } from "./chat-host.js";
import { loadSeen, saveSeen } from "./chat-store.js";

export class Unread {
  #session;
  #shown = !embedded;

  constructor(session) {
    this.#session = session;
    document.addEventListener("visibilitychange", () => this.update());
  }

  get shown() {
    return this.#shown;
  }

  set shown(value) {
    this.#shown = value;
    this.update();
  }

  update() {
    const { id, lastSeq, messages } = this.#session;
    if (id === null) return;
    if (this.#shown && document.visibilityState === "visible") saveSeen(id, lastSeq);
    const seen = loadSeen(id);
    const count = [...messages.values()].filter(({ seq, author }) => seq > seen && author !== "student").length;
    tellHost("unread", { count: this.#shown ? 0 : count });
  }
}
