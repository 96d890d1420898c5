// Filters, order and permalinks of the ledger. Without this script everything is on the page, in the papers' order.
(() => {
  const ledger = document.querySelector(".sf-ledger");
  if (!ledger) return;
  const form = ledger.querySelector("form");
  const claims = [...ledger.querySelectorAll(".sf-c")];
  const groups = [...ledger.querySelectorAll("section, .sf-family")];
  const homes = claims.map((claim) => claim.parentNode);
  const chips = [...form.querySelectorAll("input[type=checkbox]")];
  const status = form.querySelector("[role=status]");
  const stick = ledger.querySelector(".sf-stick");
  const values = (name) => [...form.querySelectorAll(`[name=${name}]`)].map((input) => input.value);
  const facts = claims.map((claim) => ({
    paper: claim.closest(".sf-family").dataset.p,
    kind: claim.dataset.k,
    verdict: claim.dataset.v,
    statement: claim.querySelector(".sf-st").textContent,
    text: `${claim.id} ${claim.querySelector(".sf-st").textContent} ${claim.querySelector("dd").textContent}`.toLowerCase(),
  }));
  const by = {
    verdict: (a, b) => values("verdict").indexOf(a.verdict) - values("verdict").indexOf(b.verdict),
    kind: (a, b) => values("kind").indexOf(a.kind) - values("kind").indexOf(b.kind),
    text: (a, b) => a.statement.localeCompare(b.statement),
  };

  const read = () => {
    const asked = new URLSearchParams(location.search);
    form.elements.q.value = asked.get("q") || "";
    form.elements.sort.value = by[asked.get("sort")] ? asked.get("sort") : "";
    for (const chip of chips) chip.checked = (asked.get(chip.name) || "").split(",").includes(chip.value);
  };

  const write = (chosen, words, sort) => {
    const asked = new URLSearchParams();
    for (const name in chosen) if (chosen[name].length) asked.set(name, chosen[name].join());
    if (words.length) asked.set("q", words.join(" "));
    if (sort) asked.set("sort", sort);
    const query = asked.toString() ? `?${asked}` : "";
    if (query !== location.search) history.replaceState(null, "", location.pathname + query + location.hash);
  };

  const show = () => {
    const chosen = { paper: [], kind: [], verdict: [] };
    for (const chip of chips) if (chip.checked) chosen[chip.name].push(chip.value);
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const sort = form.elements.sort.value;
    let count = 0;
    claims.forEach((claim, i) => {
      const fits =
        Object.keys(chosen).every((name) => !chosen[name].length || chosen[name].includes(facts[i][name])) &&
        words.every((word) => facts[i].text.includes(word));
      claim.classList.toggle("sf-out", !fits);
      count += fits;
    });
    ledger.classList.toggle("sf-flat", Boolean(sort));
    const order = [...claims.keys()];
    if (sort) order.sort((a, b) => by[sort](facts[a], facts[b]) || a - b);
    for (const i of order) (sort ? ledger : homes[i]).append(claims[i]);
    for (const group of groups) group.classList.toggle("sf-out", !group.querySelector(".sf-c:not(.sf-out)"));
    status.textContent = count === claims.length ? `All ${count} claims` : `${count} of ${claims.length} claims`;
    form.querySelector("[type=reset]").hidden = count === claims.length && !sort;
    write(chosen, words, sort);
    ledger.style.setProperty("--sf-stick", getComputedStyle(stick).position === "sticky" ? `${stick.offsetHeight}px` : "0px");
  };

  const open = () => {
    const claim = claims.find((one) => one.id === decodeURIComponent(location.hash.slice(1)));
    if (!claim) return;
    for (const part of [claim, ...groups.filter((group) => group.contains(claim))]) part.classList.remove("sf-out");
    claim.open = true;
    claim.scrollIntoView();
  };

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  addEventListener("hashchange", open);
  addEventListener("load", open); // the theme's fonts may have moved the row
  read();
  show();
  open();
})();
