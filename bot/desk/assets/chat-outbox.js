// Messages on their way: each has a client_id from birth, is tried in order, and stays until the server has it.

import { uuid } from "./dom.js";
import { loadOutbox, saveOutbox } from "./chat-store.js";

/** `deliver(item)` sends one item or throws a Problem; `changed(item)` is told of every change of an item. */
export class Outbox {
  #deliver;
  #changed;
  #line = Promise.resolve();

  constructor(deliver, changed) {
    this.#deliver = deliver;
    this.#changed = changed;
    // What a reload interrupted is tried again: the server knows the client_id if it already has it.
    this.items = loadOutbox();
  }

  resume() {
    for (const item of this.items) if (item.status === "sending") this.#push(item);
  }

  add(text) {
    const item = { client_id: uuid(), text, created_at: new Date().toISOString(), status: "sending", detail: null, passing: false };
    this.items.push(item);
    this.#push(item);
    return item;
  }

  find(client_id) {
    return this.items.find((item) => item.client_id === client_id);
  }

  retry(client_id) {
    const item = this.find(client_id);
    if (item?.status === "failed") this.#push(item);
  }

  /** Takes an item out: the server has it, or the person gave it up. */
  drop(client_id) {
    const at = this.items.findIndex((item) => item.client_id === client_id);
    if (at < 0) return null;
    const [item] = this.items.splice(at, 1);
    saveOutbox(this.items);
    return item;
  }

  #push(item) {
    this.#mark(item, "sending");
    this.#line = this.#line.then(() => this.#try(item));
  }

  async #try(item) {
    if (!this.items.includes(item)) return;
    try {
      await this.#deliver(item);
    } catch (problem) {
      if (this.items.includes(item)) this.#mark(item, "failed", problem);
    }
  }

  #mark(item, status, problem = null) {
    item.status = status;
    item.detail = problem === null ? null : (problem.detail ?? "Something went wrong in this page.");
    item.passing = problem?.passing ?? false;
    saveOutbox(this.items);
    this.#changed(item);
  }
}
