// "Please sign in": a button, or where to go when this page cannot open the sign-in page. Which of them shows is in
// the style sheet, by what the page around has said (chat.js writes it on the body).

import { academyLink, academyUrl } from "./academy-link.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const WIDE = "button button-primary button-large card-wide";

export function signInCard(signIn) {
  const academy = academyUrl();
  return el(
    "div",
    { class: "action-card", role: "group", "aria-label": "Sign in", "aria-live": "off", "data-testid": "card-sign-in" },
    el(
      "button",
      { type: "button", class: `${WIDE} shown-to-sign-in`, "data-testid": "card-sign-in-button", onclick: signIn },
      "Sign in",
    ),
    el(
      "div",
      { class: "shown-elsewhere" },
      academy
        ? academyLink(academy, "Open the academy’s site", { class: WIDE })
        : el("p", {}, "Sign in on the academy’s site and open the chat there."),
    ),
    el("p", { class: "card-done shown-signed-in" }, icon("tick"), "You are signed in."),
  );
}
