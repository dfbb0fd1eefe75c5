// News from the server: an EventSource that comes back after every break.

import { delayOf } from "./backoff.js";

/** `on.changed(ticketId)`, `on.state("online" | "offline")`, `on.resumed()` (news may have been missed). */
export function listen(path, on) {
  let attempt = 0;
  let broken = false;
  let timer = 0;
  let source = null;

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(path);
    source.addEventListener("open", () => {
      attempt = 0;
      on.state("online");
      if (broken) on.resumed();
      broken = false;
    });
    source.addEventListener("changed", ({ data }) => {
      try {
        on.changed(JSON.parse(data).ticket);
      } catch {
        on.resumed();
      }
    });
    source.addEventListener("error", () => {
      broken = true;
      on.state("offline");
      // While CONNECTING the browser tries by itself; CLOSED means that it has given up.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, delayOf(attempt));
      attempt += 1;
    });
  };

  addEventListener("online", connect);
  // A page that the browser keeps in its memory must not keep a connection: there are only six.
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    source?.close();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    broken = true;
    connect();
  });
  connect();
}
