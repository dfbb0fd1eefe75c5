// Who holds the conversation, and what that means for the person who waits.

import { el } from "./dom.js";

/** Fills `slot` for `state`; `onNew()` begins a new conversation. */
export function showBanner(slot, state, { onNew }) {
  const key = JSON.stringify(state);
  if (slot.dataset.key === key) return;
  slot.dataset.key = key;
  slot.replaceChildren(...[bannerOf(state, onNew)].filter(Boolean));
}

function bannerOf(state, onNew) {
  if (state?.holder === "queue") return queueBanner(state);
  if (state?.holder === "agent") {
    return el(
      "div",
      { class: "banner banner-agent", "data-testid": "agent-banner" },
      el("p", {}, el("strong", {}, state.agent_name ?? "A person from the support team"), " is with you now."),
    );
  }
  if (state?.holder === "closed") {
    return el(
      "div",
      { class: "banner", "data-testid": "closed-banner" },
      el("p", {}, "This conversation is closed."),
      el("button", { type: "button", class: "button", onclick: onNew }, "Start a new conversation"),
    );
  }
  return null;
}

function queueBanner({ place, support_hours }) {
  return el(
    "div",
    { class: "banner banner-queue", "data-testid": "queue-banner" },
    place ? el("span", { class: "place", "aria-hidden": "true" }, String(place)) : null,
    el(
      "div",
      { class: "banner-words" },
      el("p", {}, el("strong", {}, placeInWords(place))),
      el("p", {}, support_hours ? `People answer ${hours(support_hours)}. ` : "", "You can close this window: the answer will be here."),
    ),
  );
}

function placeInWords(place) {
  if (!place) return "You are in the queue for a person.";
  if (place === 1) return "You are next: number 1 in the queue.";
  return `You are number ${place} in the queue.`;
}

const hours = (text) => text.trim().replace(/\.$/, "");
