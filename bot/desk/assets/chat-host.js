// The page around the chat: widget.js puts the chat into a frame and names its own origin in the address.

/** The origin of the page around, or null. */
export const host = new URLSearchParams(location.hash.slice(1)).get("host");

export const embedded = parent !== window && host !== null;

export function tellHost(type, values = {}) {
  if (embedded) parent.postMessage({ type: `porter:${type}`, ...values }, host);
}

/** Calls `listener(data)` for every message `type` of the page around: "shown", "hidden", "identity". */
export function onHost(type, listener) {
  if (!embedded) return;
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== host || source !== parent || data?.type !== `porter:${type}`) return;
    listener(data);
  });
}
