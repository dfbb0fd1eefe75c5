// The page around the chat: widget.js puts the chat into a frame and names its own origin in the address.

const host = new URLSearchParams(location.hash.slice(1)).get("host");

export const embedded = parent !== window && host !== null;

export function tellHost(type, values = {}) {
  if (embedded) parent.postMessage({ type: `porter:${type}`, ...values }, host);
}

/** Calls `listener("shown" | "hidden")` when the panel around the chat opens or closes. */
export function onHost(listener) {
  if (!embedded) return;
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== host || source !== parent) return;
    if (data?.type === "porter:shown") listener("shown");
    else if (data?.type === "porter:hidden") listener("hidden");
  });
}
