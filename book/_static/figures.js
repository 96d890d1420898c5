// Under a forest plot, the slider "With more seeds?": the interval that n seeds would give if mean and spread stay.
// 97.5 % quantiles of Student's t for 1 to 39 degrees of freedom.
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12,
  2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042, 2.04, 2.037, 2.035,
  2.032, 2.03, 2.028, 2.026, 2.024, 2.023];
document.documentElement.classList.add("sf-js");
document.addEventListener("input", (event) => {
  const more = event.target.closest(".sf-more");
  if (!more) return;
  const n = +event.target.value, asRun = n === +event.target.min;
  let decided = 0, claims = 0;
  for (const row of more.parentElement.querySelectorAll("[data-sd]")) {
    const { m, sd, x, y, unit, claim } = row.dataset, half = T[n - 2] * sd / Math.sqrt(n), svg = row.ownerSVGElement;
    let ghost = row.querySelector(".sf-ghost");
    if (!ghost) {
      ghost = document.createElementNS(svg.namespaceURI, "line");
      ghost.setAttribute("class", "sf-ghost");
      ghost.setAttribute("stroke", row.querySelector("path").getAttribute("stroke"));
      row.append(ghost);
    }
    const inside = (at) => Math.max(0, Math.min(svg.viewBox.baseVal.width, at));
    const ends = { x1: inside(+x - half * unit), x2: inside(+x + half * unit), y1: y, y2: y };
    for (const end in ends) ghost.setAttribute(end, ends[end]);
    ghost.style.display = asRun ? "none" : "";
    if (svg.classList.contains("wide") && claim === "1") {
      claims += 1;
      decided += Math.abs(m) > half;
    }
  }
  more.querySelector("output").textContent = asRun ? `${n} seeds, as run`
    : `${n} seeds: ${decided} of ${claims} decided, if mean and spread stay`;
});
