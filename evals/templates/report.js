"use strict";
// Filters the cases and opens the one that a link leads to. Without it the page shows everything.
for (const form of document.querySelectorAll("form.filter")) {
  const cases = [...document.querySelectorAll(`[data-cases="${form.dataset.section}"] > .case`)];
  const texts = cases.map((own) => own.textContent.toLowerCase());
  const apply = () => {
    const wanted = new FormData(form);
    const text = wanted.get("text").trim().toLowerCase();
    let shown = 0;
    cases.forEach((own, place) => {
      const { fails, miss, change } = own.dataset;
      const which = wanted.get("which");
      const hit = (which === "all" || (which === "failing" ? fails !== "" : change !== ""))
        && (!wanted.get("figure") || fails.split(" ").includes(wanted.get("figure")))
        && (!wanted.get("miss") || miss === wanted.get("miss"))
        && texts[place].includes(text);
      own.hidden = !hit;
      shown += hit ? 1 : 0;
    });
    form.querySelector("output").textContent = `${shown} of ${cases.length} cases`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
}
for (const button of document.querySelectorAll("button[data-figure]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = document.querySelector(`form[data-section="${button.dataset.show}"]`);
    form.reset();
    form.elements.figure.value = button.dataset.figure;
    form.dispatchEvent(new Event("input"));
    form.scrollIntoView();
    form.elements.text.focus({ preventScroll: true });
  });
}
const open = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || !target.classList.contains("case")) return;
  target.hidden = false;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", open);
open();
