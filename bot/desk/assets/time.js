// Times as people say them.

const LOCALE = "en-GB";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clockFormat = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const fullFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });

export const clock = (iso) => clockFormat.format(new Date(iso));
export const full = (iso) => fullFormat.format(new Date(iso));
export const dayKey = (iso) => new Date(iso).toDateString();

export function dayName(iso, now = new Date()) {
  const day = dayKey(iso);
  if (day === now.toDateString()) return "Today";
  if (day === new Date(now.getTime() - DAY).toDateString()) return "Yesterday";
  return dayFormat.format(new Date(iso));
}

/** How old something is, short enough for a list: "now", "4 min", "3 h", "2 d". */
export function age(iso, now = Date.now()) {
  const passed = now - new Date(iso).getTime();
  if (!(passed >= MINUTE)) return "now";
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return `${Math.floor(passed / DAY)} d`;
}

/** The same for a screen reader. */
export function ageInWords(iso, now = Date.now()) {
  const short = age(iso, now);
  if (short === "now") return "just now";
  const [number, unit] = short.split(" ");
  const word = { min: "minute", h: "hour", d: "day" }[unit];
  return `${number} ${word}${number === "1" ? "" : "s"} ago`;
}
