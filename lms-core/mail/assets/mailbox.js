// Shows new mail on the first page by itself: asks for the newest id, and fetches the page again when it is another.
"use strict";

const every = 2000;

async function look() {
  const shown = document.querySelector("[data-newest]");
  const answer = await fetch("/api/mails?limit=1");
  if (!shown || !answer.ok) return;
  const { mails } = await answer.json();
  if ((mails[0]?.id ?? "") === shown.dataset.newest) return;
  const page = await fetch("/");
  if (!page.ok) return;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const known = new Set([...document.querySelectorAll(".mails a")].map((link) => link.pathname));
  for (const link of fresh.querySelectorAll(".mails a")) {
    if (!known.has(link.pathname)) link.classList.add("new");
  }
  // A person who is on a mail with the keyboard stays there.
  const focused = document.activeElement?.pathname;
  document.title = fresh.title;
  document.querySelector("main").replaceChildren(...fresh.querySelector("main").childNodes);
  if (focused) document.querySelector(`.mails a[href="${CSS.escape(focused).replaceAll("\\", "")}"]`)?.focus();
}

async function again() {
  if (!document.hidden) await look().catch(() => {});
  setTimeout(again, every);
}

again();
document.addEventListener("visibilitychange", () => document.hidden || look().catch(() => {}));
