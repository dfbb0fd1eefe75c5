// The small menu in the header: a button that shows and hides a few choices.

export function smallMenu(root, button, panel) {
  const set = (open) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => set(panel.hidden));
  panel.addEventListener("click", () => set(false));
  document.addEventListener("pointerdown", (event) => {
    if (!root.contains(event.target)) set(false);
  });
  root.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !root.contains(event.relatedTarget)) set(false);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    set(false);
    button.focus();
  });
}
