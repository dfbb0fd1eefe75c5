// A text area as high as its text, up to the max-height of its style.

// Measuring a huge text on every key is slow, and it is higher than any box anyway.
const SURELY_FULL = 4_000;

/** Fits `area` now and whenever the window (or the frame, when it is shown) changes its size. */
export function keepSized(area) {
  addEventListener("resize", () => autosize(area));
  autosize(area);
}

export function autosize(area) {
  if (area.value.length > SURELY_FULL) {
    area.style.height = "100vh";
    return;
  }
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}
