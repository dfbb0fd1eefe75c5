// Single-key shortcuts. They can be switched off, and never fire while somebody writes.

const SWITCH = "porter.shortcuts";

/** `actions` maps a key to a function. */
export function shortcuts({ dialog, opener, toggle }, actions) {
  toggle.checked = stored() !== "off";
  toggle.addEventListener("change", () => store(toggle.checked ? "on" : "off"));
  const help = () => dialog.showModal();
  opener.addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (dialog.open || writes(event.target)) return;
    const action = event.key === "?" ? help : actions[event.key];
    if (!action || (!toggle.checked && event.key !== "Escape")) return;
    event.preventDefault();
    action();
  });
}

function writes(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function stored() {
  try {
    return localStorage.getItem(SWITCH);
  } catch {
    return null;
  }
}

function store(value) {
  try {
    localStorage.setItem(SWITCH, value);
  } catch {
    // Blocked storage: the switch holds for this page.
  }
}
