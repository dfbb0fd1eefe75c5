// Adds to each time, which the page gives in UTC, the same in the reader's own zone, and names the zone.
"use strict";
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (Number.isNaN(at.getTime()) || !zone || zone === "UTC" || zone === "Etc/UTC") continue;
  const words = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short", timeZone: zone }).format(at);
  const local = document.createElement("span");
  local.className = "local-time";
  local.textContent = `${words} where you are (${zone.replaceAll("_", " ")})`;
  time.after(local);
}
