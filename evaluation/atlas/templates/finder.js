// Networks like one's own: sliders for the factors that matter most, and the nearest networks of the atlas.
(function () {
  const found = data.finder, SHOWN = 10;
  const sliders = found.factors.map((factor, at) => one(`#finder-${at}`));

  function nearest() {
    const here = found.factors.map((factor, at) => factor.places[sliders[at].value]);
    const apart = found.places.map((places, row) => [row, places.reduce(
      (sum, place, at) => sum + found.factors[at].weight * (place - here[at]) ** 2, 0)]);
    return apart.sort((a, b) => a[1] - b[1]).slice(0, SHOWN).map(([row]) => row);
  }

  const middle = (values) => {
    const sorted = [...values].sort((a, b) => a - b), half = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };
  const plainly = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  const percent = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)}\u00a0%`;

  function refresh() {
    sliders.forEach((slider, at) => { one(`#finder-value-${at}`).textContent = plainly(found.factors[at].stops[slider.value]); });
    const rows = nearest(), middles = found.levels.map((_, level) => middle(rows.map((row) => found.costs[row][level])));
    const least = middles.indexOf(Math.min(...middles));
    one("#finder-told").textContent = middles[least] < 0
      ? `The least on networks like this, in the middle: ${found.levels[least]}, ${percent(middles[least])} beside the ideal centre.`
      : "On networks like this, nothing costs less than the ideal centre in the middle.";
    const body = make("tbody");
    const line = (cells) => { const row = make("tr"); row.append(...cells.map((cell) => make("td", {}, cell))); body.append(row); };
    line(["middle of these", ...found.factors.map(() => ""), ...middles.map(percent)]);
    rows.forEach((row, place) => line([`${place + 1}`, ...found.values[row].map(plainly), ...found.costs[row].map(percent)]));
    one("#finder-rows").replaceChildren(...body.childNodes);
    edges();
  }

  for (const slider of sliders) slider.addEventListener("input", refresh);
  tables.finder = () => [
    ["network", ...found.factors.map((factor) => factor.words), ...found.levels],
    nearest().map((row, place) => [place + 1, ...found.values[row], ...found.costs[row]]),
  ];
  refresh();
})();
