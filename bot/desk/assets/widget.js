// The support chat for any page: <script src="https://support.example/widget.js" defer></script>
// ASCII only: a page in another encoding may load it. Adds a round button; the chat itself lives in a frame of the origin that served this script.
// Two attributes, addresses of the page's own site, let the chat know who is here:
//   data-identity="/support-identity"  answers 200 {"token", "expires_at"} for whoever is signed in, 204 when nobody is
//   data-sign-in="/sign-in"            the page where people sign in; it is given ?next= with the way back
(() => {
  "use strict";
  const script = document.currentScript ?? document.querySelector('script[src*="widget.js"]');
  if (!script || document.getElementById("porter-launcher")) return;
  const origin = new URL(script.src, location.href).origin;
  const ACTIVE = "porter.widget";
  const REOPEN = "porter.reopen";
  const LOAD_MS = 15_000;
  const IDENTITY_MS = 8_000;
  // Somebody who went to sign in finds the chat open again, if they come back within this time.
  const REOPEN_MS = 30 * 60_000;

  const css = `
#porter-launcher, #porter-launcher :not(svg, svg *), #porter-panel, #porter-panel * { all: revert; box-sizing: border-box; }
#porter-launcher {
  position: fixed; inset: auto 20px 20px auto; inset: auto max(20px, env(safe-area-inset-right)) max(20px, env(safe-area-inset-bottom)) auto;
  z-index: 2147483001; width: 60px; height: 60px; margin: 0; padding: 0; border: 0; border-radius: 50%;
  display: grid; place-items: center; cursor: pointer; background: #0b5d57; color: #fff;
  box-shadow: 0 0 0 1px rgb(255 255 255 / 22%), 0 4px 10px rgb(0 0 0 / 18%), 0 10px 28px rgb(4 40 36 / 32%);
  transition: transform 160ms ease, background-color 160ms ease; -webkit-tap-highlight-color: transparent;
}
#porter-launcher:hover { background: #084a45; transform: scale(1.05); }
#porter-launcher:active { transform: scale(0.97); }
#porter-launcher:focus-visible { outline: 3px solid #fff; outline-offset: 0; box-shadow: 0 0 0 6px #1257d6, 0 10px 28px rgb(4 40 36 / 32%); }
#porter-launcher svg { display: block; width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
#porter-launcher .porter-badge {
  position: absolute; top: -4px; right: -4px; min-width: 24px; height: 24px; padding: 0 7px; border-radius: 12px;
  background: #b3262e; color: #fff; border: 2px solid #fff; font: 700 12px/20px Arial, sans-serif; text-align: center;
}
#porter-launcher [hidden], #porter-panel [hidden], #porter-panel[hidden] { display: none; }
#porter-panel {
  position: fixed; right: 20px; bottom: 96px; z-index: 2147483000;
  width: min(408px, calc(100vw - 40px)); height: min(704px, calc(100vh - 116px)); height: min(704px, calc(100dvh - 116px));
  overflow: hidden; border-radius: 16px; background: #fff; color: #15201e; font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
  box-shadow: 0 0 0 1px rgb(10 30 27 / 10%), 0 12px 48px rgb(4 24 21 / 30%); transform-origin: 100% 100%; animation: porter-in 180ms ease-out;
}
#porter-panel iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
#porter-panel .porter-loading { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px; margin: 0; padding: 24px; text-align: center; }
#porter-panel .porter-loading p { margin: 0; }
#porter-panel .porter-loading button { min-height: 36px; padding: 6px 16px; border: 1px solid #7a8985; border-radius: 8px; background: #fff; color: #15201e; font: inherit; font-weight: 600; cursor: pointer; }
@keyframes porter-in { from { opacity: 0; transform: translateY(12px) scale(0.98); } }
@media (max-width: 520px), (max-height: 440px) {
  #porter-panel { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; }
  html.porter-open, html.porter-open body { overflow: hidden; }
  html.porter-open #porter-launcher { visibility: hidden; }
}
@media (prefers-color-scheme: dark) {
  #porter-panel, #porter-panel .porter-loading button { background: #161f1d; color: #e6efec; }
}
@media (prefers-reduced-motion: reduce) { #porter-launcher, #porter-panel { transition: none; animation: none; } }
@media print { #porter-launcher, #porter-panel { display: none; } }`;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const addStyle = () => {
    try {
      // A constructed sheet is allowed even where the page's policy forbids inline styles.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    } catch {
      document.head.append(make("style", {}, css));
    }
  };
  const remember = (value) => {
    try {
      if (value) localStorage.setItem(ACTIVE, "1");
      return localStorage.getItem(ACTIVE) === "1";
    } catch {
      return false;
    }
  };

  // An address of this page's own site; null for any other.
  const own = (address) => {
    try {
      const url = new URL(address, location.href);
      return address && url.origin === location.origin && /^https?:$/.test(url.protocol) ? url : null;
    } catch {
      return null;
    }
  };
  const identityUrl = own(script.dataset.identity);
  const signInUrl = own(script.dataset.signIn);

  const speech = icon("M4 5.5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-8L7.5 21v-3.5H4a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1zM8 10h8M8 13.5h5");
  const cross = icon("M6 6l12 12M18 6L6 18");
  const badge = make("span", { class: "porter-badge", "aria-hidden": "true", hidden: "" });
  const unreadWords = make("span", { id: "porter-unread", hidden: "" });
  const launcher = make(
    "button",
    { id: "porter-launcher", type: "button", "data-testid": "launcher", "aria-label": "Open support chat", "aria-expanded": "false", "aria-describedby": "porter-unread" },
    speech,
    badge,
    unreadWords,
  );
  const loadingWords = make("p", {}, "Loading the chat\u2026");
  const again = make("button", { type: "button", hidden: "" }, "Try again");
  const shut = make("button", { type: "button" }, "Close");
  const loading = make("div", { class: "porter-loading", role: "status" }, loadingWords, again, shut);
  const panel = make("div", { id: "porter-panel", role: "dialog", "aria-label": "Support chat", hidden: "" }, loading);
  const phone = matchMedia("(max-width: 520px), (max-height: 440px)");

  let frame = null;
  // Who is here, asked for while the frame loads; the frame's first question takes it.
  let early = null;
  let ready = false;
  let open = false;
  let timer = 0;

  const load = () => {
    frame?.remove();
    ready = false;
    again.hidden = true;
    loadingWords.textContent = "Loading the chat\u2026";
    early = whoIsHere();
    frame = make("iframe", { title: "Support chat", src: `${origin}/widget#host=${encodeURIComponent(location.origin)}` });
    panel.append(frame);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (ready) return;
      frame.remove();
      frame = null;
      loadingWords.textContent = "The chat cannot be reached at the moment.";
      again.hidden = false;
    }, LOAD_MS);
  };

  // Never fails. `failed`: it could not be found out, which is not the same as nobody.
  const whoIsHere = async () => {
    if (!identityUrl) return { token: null };
    try {
      const response = await fetch(identityUrl, {
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout?.(IDENTITY_MS),
      });
      if (response.status === 204 || response.status === 401) return { token: null };
      if (response.ok) {
        const { token, expires_at } = await response.json();
        if (typeof token === "string") return { token, expires_at };
      }
    } catch {
      // No connection, too slow, or an answer of another kind.
    }
    return { token: null, failed: true };
  };
  // The token goes into the frame that asked, and only while that shows the support desk's own page.
  const answerWho = async () => {
    const asking = frame;
    const here = early ?? whoIsHere();
    early = null;
    const { token, expires_at, failed } = await here;
    if (frame === asking) {
      const answer = { type: "porter:identity", token, expires_at, failed: failed === true, sign_in: signInUrl !== null };
      asking.contentWindow?.postMessage(answer, origin);
    }
  };
  const tab = {
    get: () => {
      try {
        return Number(sessionStorage.getItem(REOPEN));
      } catch {
        return 0;
      }
    },
    set: (value) => {
      try {
        if (value === 0) sessionStorage.removeItem(REOPEN);
        else sessionStorage.setItem(REOPEN, String(value));
      } catch {
        // Blocked storage: the button is there all the same.
      }
    },
  };
  const goToSignIn = () => {
    if (!signInUrl) return;
    tab.set(Date.now());
    // The sign-in page itself has the chat on it: then the form is behind the panel.
    if (location.pathname === signInUrl.pathname) return set(false);
    const there = new URL(signInUrl);
    there.searchParams.set("next", location.pathname.replace(/^\/+/, "/") + location.search);
    location.assign(there);
  };
  const reopen = async () => {
    const left = tab.get();
    if (left === 0) return;
    if (Date.now() - left > REOPEN_MS) return tab.set(0);
    if ((await whoIsHere()).token === null) return;
    tab.set(0);
    set(true);
  };
  const tell = (type) => ready && frame?.contentWindow.postMessage({ type: `porter:${type}` }, origin);

  const set = (value) => {
    if (open === value) return;
    open = value;
    panel.hidden = !open;
    panel.setAttribute("aria-modal", String(open && phone.matches));
    launcher.setAttribute("aria-expanded", String(open));
    launcher.setAttribute("aria-label", open ? "Close support chat" : "Open support chat");
    launcher.replaceChild(open ? cross : speech, launcher.firstChild);
    document.documentElement.classList.toggle("porter-open", open);
    if (open) {
      if (!frame) load();
      frame.focus();
      tell("shown");
    } else {
      tell("hidden");
      launcher.focus();
    }
  };
  const showUnread = (count) => {
    const number = Number.isInteger(count) && count > 0 ? count : 0;
    badge.hidden = number === 0;
    badge.textContent = number > 9 ? "9+" : String(number);
    unreadWords.textContent = number === 0 ? "" : `${number} unread message${number === 1 ? "" : "s"}`;
  };

  launcher.addEventListener("click", () => set(!open));
  shut.addEventListener("click", () => set(false));
  again.addEventListener("click", load);
  document.addEventListener("keydown", (event) => {
    if (open && event.key === "Escape" && !event.defaultPrevented && !event.isComposing) set(false);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-porter-open]")) set(true);
  });
  addEventListener("message", ({ origin: from, source, data }) => {
    if (!frame || from !== origin || source !== frame.contentWindow) return;
    if (data?.type === "porter:ready") {
      ready = true;
      if (open) tell("shown");
    } else if (data?.type === "porter:identity-wanted") answerWho();
    else if (data?.type === "porter:sign-in") goToSignIn();
    else if (data?.type === "porter:close") set(false);
    else if (data?.type === "porter:unread") showUnread(data.count);
    else if (data?.type === "porter:active") remember(true);
  });

  // Brought back from the browser's memory: somebody may have signed in or out since.
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && frame) answerWho();
  });

  addStyle();
  document.body.append(launcher, panel);
  // Somebody who has a conversation sees on every page when an answer has come.
  if (remember(false)) {
    if (document.readyState === "complete") load();
    else addEventListener("load", () => frame ?? load(), { once: true });
  }
  reopen();
})();
