// Who is signed in on the page around the chat, as that page vouches for it: a short-lived token, kept in this page's memory only.
// It goes to the desk as a header and nowhere else.

import { embedded, onHost, tellHost } from "./chat-host.js";

// How long the first call to the desk waits to hear who is here, and how long any later one does.
const FIRST_MS = 3_000;
const RENEW_MS = 10_000;
// A token about to run out is renewed before it is used.
const SPARE_MS = 60_000;
// Somebody may have signed in or out in another tab: asked again when the chat is looked at, though not at every glance.
const STALE_MS = 30_000;
// A clock that is wrong here must not make every call ask anew.
const EAGER_MS = 10_000;

let token = null;
let expires = 0;
let heardAt = 0;
let signInHere = false;
let asking = null;
let heard = null;
const listeners = new Set();

/** Whether somebody is signed in, as far as this page has heard. */
export const identityKnown = () => token !== null;

/** Whether the page around can be asked to open its sign-in page. */
export const canSignIn = () => signInHere;

/** Asks the page around to open its sign-in page; the chat opens again when the person comes back. */
export const signIn = () => tellHost("sign-in");

/** Calls `listener({changed})` for every answer of the page around; `changed`: somebody is signed in now and was not, or the reverse. */
export function onIdentity(listener) {
  listeners.add(listener);
}

/** Asks the page around anew; resolves to whether somebody is signed in. */
export function renewIdentity() {
  if (!embedded) return Promise.resolve(false);
  asking ??= new Promise((resolve) => {
    const timer = setTimeout(resolve, RENEW_MS);
    heard = () => {
      clearTimeout(timer);
      resolve();
    };
    tellHost("identity-wanted");
  }).then(() => {
    asking = null;
    return identityKnown();
  });
  return asking;
}

/** The desk does not take this token: go on as nobody until the page around says otherwise. */
export function dropIdentity() {
  token = null;
  tell(false);
}

/** The header that tells the desk who is here; waits for it, within reason. */
export async function identityHeader() {
  await first;
  const now = Date.now();
  if (token !== null && expires - now < SPARE_MS && now - heardAt > EAGER_MS) await renewIdentity();
  return token === null ? {} : { "Porter-Identity": token };
}

function hear(data) {
  const before = token;
  heardAt = Date.now();
  signInHere = data.sign_in === true;
  if (typeof data.token === "string" && data.token !== "") {
    token = data.token;
    expires = Date.parse(data.expires_at) || heardAt + SPARE_MS;
  } else if (data.failed !== true || heardAt >= expires) {
    // When the page around could not find out, what it said before holds until it runs out.
    token = null;
  }
  heard?.();
  tell((before === null) !== (token === null));
}

function tell(changed) {
  for (const listener of listeners) listener({ changed });
}

function refresh() {
  if (document.visibilityState === "visible" && Date.now() - heardAt > STALE_MS) renewIdentity();
}

onHost("identity", hear);
onHost("shown", refresh);
if (embedded) document.addEventListener("visibilitychange", refresh);

const first = embedded ? Promise.race([renewIdentity(), new Promise((resolve) => setTimeout(resolve, FIRST_MS))]) : null;
