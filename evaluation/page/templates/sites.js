// Every site under one method, and one site under every method.
(function () {
  const { sites, echelons, columns, methods } = data.sites;
  let open = null;

  function head(first) {
    const row = make("tr");
    row.append(...first.map((name) => make("th", {}, name)));
    row.append(...columns.map((column) => make("th", { class: "n", title: `${column.meaning} [${column.unit}]` }, column.name)));
    const group = make("thead");
    group.append(row);
    return group;
  }

  function body(rows) {
    const group = make("tbody");
    for (const [names, values, chosen] of rows) {
      const row = make("tr");
      row.append(...names.map((name) => make("td", {}, name)), ...values.map((value) => make("td", { class: "n" }, short(value))));
      if (chosen) chosen(row);
      group.append(row);
    }
    return group;
  }

  function everySite() {
    const method = methods[one("#sites-method").value];
    const rows = sites.map((site, at) => [[site, echelons[at]], method.values.map((kpi) => kpi[at]), (row) => opens(row, at)]);
    one("#sites-table").replaceChildren(head(["site", "echelon"]), body(rows));
  }

  function opens(row, at) {
    row.tabIndex = 0;
    row.classList.toggle("open", at === open);
    row.setAttribute("aria-label", `Compare everybody at ${sites[at]}`);
    row.addEventListener("click", () => oneSite(at));
    row.addEventListener("keydown", (event) => { if (event.key === "Enter") oneSite(at); });
  }

  function oneSite(at) {
    open = at;
    one("#site").hidden = false;
    one("#site-name").textContent = sites[at];
    one("#site-table").replaceChildren(head(["method"]), body(methods.map((m) => [[m.label], m.values.map((kpi) => kpi[at])])));
    for (const [place, row] of all("#sites-table tbody tr").entries()) row.classList.toggle("open", place === at);
    bars();
  }

  function bars() {
    const kpi = Number(one("#site-kpi").value);
    one("#site-note").textContent = `${columns[kpi].meaning} [${columns[kpi].unit}]`;
    const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const names = methods.map((method) => plain(method.label));
    const values = methods.map((method) => method.values[kpi][open]);
    const trace = { type: "bar", orientation: "h", x: values, y: names, marker: { color: "#0072B2" }, text: values.map(short), hovertemplate: "%{text}<extra></extra>" };
    const yaxis = { categoryorder: "array", categoryarray: names.slice().reverse(), automargin: true, type: "category", dtick: 1 };
    draw(one("#site-plot"), { data: [trace], layout: { yaxis, xaxis: { automargin: true }, height: 90 + 26 * names.length } });
  }

  tables.sites = () => {
    const rows = methods.flatMap((m) => sites.map((site, at) => [m.safe, data.sites.safe[at], echelons[at], ...m.values.map((kpi) => kpi[at])]));
    return [["method", "site", "echelon", ...columns.map((column) => column.name)], rows];
  };
  tables.site = () => [tables.sites()[0], tables.sites()[1].filter((_, at) => at % sites.length === open)];
  fill(one("#sites-method"), methods.map((method) => method.label));
  fill(one("#site-kpi"), columns.map((column) => column.name));
  one("#sites-method").value = data.first[0];
  one("#sites-method").addEventListener("change", everySite);
  one("#site-kpi").addEventListener("change", bars);
  everySite();
})();
