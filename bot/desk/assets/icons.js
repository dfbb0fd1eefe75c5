// Small line drawings, drawn in the colour of the text beside them. They repeat what a word says, so a screen reader skips them.

const SVG = "http://www.w3.org/2000/svg";

const paths = {
  tick: "M5 12.5l4.6 4.6L19 7.4",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5v5l3.2 2",
  alert: "M12 3.8l9 16H3zM12 10v4.4M12 17h.01",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.4 15.4L20.5 20.5",
  mail: "M3.5 6h17v12h-17zM3.5 6.8l8.5 6.4 8.5-6.4",
  form: "M5.5 3.5h13v17h-13zM8.5 8h7M8.5 12h7M8.5 16h4",
  person: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20.5c.7-4 3.6-6 7.5-6s6.8 2 7.5 6",
};

/** `name` is one of the above. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  line.setAttribute("d", paths[name]);
  svg.append(line);
  return svg;
}
