// One message above a text box: what went wrong and what can be done.

import { el } from "./dom.js";

/** `show(text, {retry, kind})` and `clear(kind)` for `slot`. `retry` is a function, or absent; without a kind all is cleared. */
export function noticeIn(slot) {
  const clear = (kind) => {
    if (kind === undefined || slot.dataset.kind === kind) slot.replaceChildren();
  };
  const show = (text, { retry = null, kind = "danger" } = {}) => {
    slot.dataset.kind = kind;
    slot.replaceChildren(
      el(
        "div",
        { class: `notice notice-${kind}`, "data-testid": "notice" },
        el("span", { class: "notice-text" }, text),
        retry ? el("button", { type: "button", class: "button", "data-testid": "notice-retry", onclick: retry }, "Retry") : null,
        el("button", { type: "button", class: "notice-close", "aria-label": "Dismiss", onclick: () => clear() }, "×"),
      ),
    );
  };
  return { show, clear };
}
