// Which view and ticket are open stands in the address: a reload and the back button keep it.

export const views = ["queue", "mine", "resolved"];

export function currentRoute() {
  const [view, id] = location.hash.slice(1).split("/");
  return { view: views.includes(view) ? view : "queue", id: id ? decode(id) : null };
}

export function routeTo(view, id = null) {
  const hash = id === null ? `#${view}` : `#${view}/${encodeURIComponent(id)}`;
  if (location.hash !== hash) location.hash = hash;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
