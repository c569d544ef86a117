// Every site under one method, and one site under every method; products, segments and lanes likewise.
(function () {
  const kinds = data.parts;
  let kind = kinds[0], open = null;

  // Shares are per cents here as everywhere on the page; the file keeps what they are worked out as.
  const shown = (value, column) => (column.unit === "1" && value !== null ? `${short(100 * value)} %` : short(value));
  const unit = (column) => (column.unit === "1" ? "%" : column.unit);
  const plural = (name) => `${name}s`;
  const capital = (name) => name[0].toUpperCase() + name.slice(1);
  const firsts = () => (kind.echelons ? [kind.name, "echelon"] : [kind.name]);
  const names = (at, rows = kind.rows) => (kind.echelons ? [rows[at], kind.echelons[at]] : [rows[at]]);

  function head(first) {
    const row = make("tr");
    row.append(...first.map((name) => make("th", {}, name)));
    row.append(...kind.columns.map((column) => make("th", { class: "n", title: `${column.meaning} [${unit(column)}]` }, column.name)));
    const group = make("thead");
    group.append(row);
    return group;
  }

  function body(rows) {
    const group = make("tbody");
    for (const [first, values, chosen] of rows) {
      const row = make("tr");
      row.append(...first.map((name) => make("td", {}, name)), ...values.map((value, at) => make("td", { class: "n" }, shown(value, kind.columns[at]))));
      if (chosen) chosen(row);
      group.append(row);
    }
    return group;
  }

  function every() {
    const method = kind.methods[one("#parts-method").value];
    one("#parts-name").textContent = `Every ${kind.name}`;
    one("#parts-note").textContent = `After warm-up, over all traces; ${kind.note}. Choose a ${kind.name} to compare all methods there.`;
    const rows = kind.rows.map((_, at) => [names(at), method.values.map((kpi) => kpi[at]), (row) => opens(row, at)]);
    one("#parts-table").replaceChildren(head(firsts()), body(rows));
    edges();
  }

  function opens(row, at) {
    row.tabIndex = 0;
    row.classList.toggle("open", at === open);
    row.setAttribute("aria-label", `Compare all methods at ${kind.rows[at]}`);
    row.addEventListener("click", () => follow(at));
    row.addEventListener("keydown", (event) => { if (event.key === "Enter") follow(at); });
  }

  function follow(at) {
    open = at;
    one("#part").hidden = false;
    one("#part-name").textContent = kind.rows[at];
    one("#part-table").replaceChildren(head(["method"]), body(kind.methods.map((m) => [[m.label], m.values.map((kpi) => kpi[at])])));
    for (const [place, row] of all("#parts-table tbody tr").entries()) row.classList.toggle("open", place === at);
    bars();
  }

  function bars() {
    const kpi = Number(one("#part-kpi").value);
    const column = kind.columns[kpi], scale = column.unit === "1" ? 100 : 1;
    one("#part-note").textContent = `${column.meaning} [${unit(column)}]`;
    const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const labels = kind.methods.map((method) => plain(method.label));
    const values = kind.methods.map((method) => method.values[kpi][open]).map((value) => (value === null ? null : scale * value));
    const trace = { type: "bar", orientation: "h", x: values, y: labels, marker: { color: "#0072B2" }, text: values.map(short), hovertemplate: "%{text}<extra></extra>" };
    const yaxis = { categoryorder: "array", categoryarray: labels.slice().reverse(), automargin: true, type: "category", dtick: 1 };
    draw(one("#part-plot"), { data: [trace], layout: { yaxis, xaxis: { automargin: true }, height: 90 + 26 * labels.length } });
  }

  function choose() {
    [kind, open] = [kinds[one("#parts-kind").value], null];
    one("#part").hidden = true;
    fill(one("#part-kpi"), kind.columns.map((column) => column.name));
    every();
  }

  tables.parts = () => {
    const rows = kind.methods.flatMap((m) => kind.rows.map((_, at) => [m.safe, ...names(at, kind.safe), ...m.values.map((kpi) => kpi[at])]));
    return [["method", ...firsts(), ...kind.columns.map((column) => column.name)], rows];
  };
  tables.part = () => [tables.parts()[0], tables.parts()[1].filter((_, at) => at % kind.rows.length === open)];
  fill(one("#parts-kind"), kinds.map((each) => capital(plural(each.name))));
  fill(one("#parts-method"), kind.methods.map((method) => method.label));
  one("#parts-method").value = data.first[0];
  one("#parts-kind").addEventListener("change", choose);
  one("#parts-method").addEventListener("change", every);
  one("#part-kpi").addEventListener("change", bars);
  choose();
})();
