// Filters of the table of networks: device, family and budgets, kept in the page's address. Without scripts all rows show.
document.documentElement.classList.add("sf-js");
const which = document.querySelector(".sf-which");
if (which) {
  const form = which.querySelector("form"), rows = [...which.querySelectorAll("tbody tr")];
  const fields = [...form.elements].filter((field) => field.name);
  const { device, family, time, only } = form.elements;
  const within = (value, field) => field.value === "" || (value !== null && +value <= +field.value);
  const show = () => {
    time.disabled = !device.value;
    which.querySelector(".sf-unit-time").textContent = device.selectedOptions[0].dataset.unit || "choose a device";
    let best = null, count = 0;
    for (const row of rows) {
      const timed = device.value && row.getAttribute(`data-${device.value}`);
      row.hidden = !(
        (!family.value || row.dataset.family === family.value) && (!only.checked || !row.dataset.extra)
        && within(row.dataset.macs, form.elements.macs) && within(row.dataset.params, form.elements.params)
        && (!device.value || (timed !== null && within(timed, time)))
      );
      if (row.hidden) continue;
      count += 1;
      if (!best || +row.dataset.top1 > +best.dataset.top1) best = row;
    }
    const query = new URLSearchParams();
    for (const field of fields) {
      const value = field.type === "checkbox" ? (field.checked ? field.value : "") : field.disabled ? "" : field.value;
      if (value) query.set(field.name, value);
    }
    const asked = `${query}`, choice = asked && best;
    for (const row of rows) row.classList.toggle("sf-best", row === choice);
    form.querySelector("button").hidden = !asked;
    form.querySelector("output").textContent = !asked ? `${count} networks` : `${count} of ${rows.length} networks`
      + (best ? `; most accurate: ${best.dataset.name}, ${best.dataset.top1} %` : ": raise a budget");
    history.replaceState(null, "", (asked ? `?${asked}` : location.pathname) + location.hash);
  };
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = fields.find((one) => one.name === name);
    if (field && field.type === "checkbox") field.checked = value === field.value;
    else if (field) field.value = value;
  }
  if (device.selectedIndex < 0) device.selectedIndex = 0; // an address may hold anything
  if (family.selectedIndex < 0) family.selectedIndex = 0;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  show();
}
