// The replay: one trace under two methods, side by side on the network's picture.
(function () {
  const replay = data.replay;
  if (!replay) return;
  const { picture, methods, periods, warmup } = replay;
  const SVG = "http://www.w3.org/2000/svg";
  const COLOURS = { site: "#0072B2", policy: "#56B4E9", planner: "#E69F00", "planner's policy": "#A87800", fallback: "#CC79A7", nobody: "#9AA0A6" };
  const WHO = Object.keys(replay.deciders);
  const ZERO = 0.22;  // share of a bar's width that lies below zero
  const TITLE = 66, LEGEND = 56;  // what the picture keeps free above and below for words that stand beside it here
  const CHARACTER = 7.2;  // about the width of one, where there is no canvas to measure with
  const chosen = [data.first[0], data.first[1]].map((at) => Math.min(at, methods.length - 1));
  let now = 0, timer = null, course = null;

  const at = (series, period) => (Array.isArray(series) ? series[period] : series);
  const amount = (value) => (Math.abs(value) >= 99.95 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10));

  function svg(name, attributes, parent, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  const ruler = document.createElement("canvas").getContext("2d");
  function wide(text, bold) {
    if (!ruler) return text.length * CHARACTER;
    ruler.font = `${bold ? 600 : 400} 13px ${getComputedStyle(document.body).fontFamily}`;
    return ruler.measureText(text).width;
  }

  function clipped(text, room, bold) {
    let shown = text;
    while (shown.length > 1 && wide(shown, bold) > room) shown = `${shown.replace(/…$/, "").slice(0, -1)}…`;
    return shown;
  }

  const fitting = (texts, room) => texts.find((text) => wide(text) <= room) ?? texts.at(-1);

  // What never moves is drawn once; what does is kept, to be set anew in every period.
  function scene(side) {
    const height = picture.height - TITLE - LEGEND;
    const root = svg("svg", { viewBox: `0 ${TITLE} ${picture.width} ${height}`, role: "img" });
    const heads = svg("defs", {}, root);
    for (const [name, shade] of Object.entries(COLOURS)) {
      const marker = svg("marker", { id: `head-${side}-${WHO.indexOf(name)}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 5, markerHeight: 5, orient: "auto" }, heads);
      svg("path", { d: "M0,0 L8,4 L0,8 z", fill: shade }, marker);
    }
    const hits = picture.lanes.map((lane) => svg("polyline", { points: lane.points.map((point) => point.join(",")).join(" "), class: "hit", visibility: "hidden" }, root));
    const lanes = picture.lanes.map((lane) => svg("polyline", { points: lane.points.map((point) => point.join(",")).join(" "), fill: "none", "stroke-width": 1.8 }, root));
    const suppliers = {};
    for (const supplier of picture.suppliers) {
      const [left, top, right, bottom] = supplier.box;
      suppliers[supplier.name] = svg("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 4, class: "supplier" }, root);
      const name = svg("text", { x: left + 7, y: (top + bottom) / 2 + 4, class: "soft" }, root, clipped(supplier.name, right - left - 10));
      svg("title", {}, name, supplier.name);
    }
    const sites = picture.sites.map((site, row) => station(root, site, row));
    for (const customer of picture.customers) {
      const [x, y] = customer.at;
      svg("path", { d: `M${x + 2},${y} h60`, stroke: COLOURS.nobody, "stroke-width": 1.6, "marker-end": `url(#head-${side}-${WHO.indexOf("nobody")})` }, root);
      sites[customer.site].asked = svg("text", { x: x + 6, y: y - 5, class: "halo" }, root);
      sites[customer.site].lost = svg("text", { x: x + 6, y: y + 16, class: "halo owed" }, root);
    }
    const numbers = picture.lanes.map((lane) => {
      const [x, y] = lane.points.at(-1);
      return ["halo", "halo soft", "halo owed"].map((style, line) => svg("text", { x: x - 12, y: y + [-5, 15, 29][line], "text-anchor": "end", class: style }, root));
    });
    return { root, lanes, hits, sites, suppliers, numbers, side };
  }

  function station(root, site, row) {
    const [left, top, right, bottom] = site.box;
    const tall = bottom - top >= 58, flat = bottom - top < 30;  // a flat box has its bars beside its name, not below it
    const start = flat ? left + 0.52 * (right - left) : left + 7, width = right - 7 - start, inner = right - left - 14;
    const group = svg("g", { class: "site", tabindex: 0, role: "button", "aria-label": `Course of ${site.name}` }, root);
    const box = svg("rect", { x: left, y: top, width: right - left, height: bottom - top, rx: 5, class: "box" }, group);
    svg("title", {}, group, `${site.name} (${site.role})`);
    const room = flat ? start - left - 11 : inner;
    svg("text", { x: left + 7, y: flat ? (top + bottom) / 2 + 4.5 : top + (tall ? 18 : 13), "font-weight": 600 }, group, clipped(site.name, room, true));
    const words = svg("text", { x: left + 7, y: top + 38, visibility: tall ? "visible" : "hidden" }, group);
    const bars = (flat ? [(top + bottom) / 2 - 5.5, (top + bottom) / 2 + 1.5] : [bottom - 20, bottom - 11]).map((y, line) => {
      svg("rect", { x: start, y, width, height: flat ? 4 : 6, class: "track" }, group);
      const part = (style, from, height) => svg("rect", { y: y + from, height, width: 2, class: style }, group);
      const thick = flat ? 4 : 6;
      return line ? { band: part("bandbar", -1, thick + 2), bar: part("position", 0, thick), level: part("levelbar", -1, thick + 2) } : { bar: part("stock", 0, thick), owed: part("owed", 0, thick) };
    });
    const zero = start + ZERO * width;
    svg("line", { x1: zero, x2: zero, y1: flat ? top + 2 : bottom - 22, y2: bottom - (flat ? 2 : 3), class: "zero" }, group);
    group.addEventListener("click", () => follow(row));
    group.addEventListener("keydown", (event) => { if (event.key === "Enter") { follow(row); event.stopPropagation(); } });
    const place = (units) => start + width * Math.min(Math.max(ZERO + (1 - ZERO) * units / (2 * site.usual || 1), 0), 1);
    return { box, words, bars, place, room: inner };
  }

  function span(bar, from, to) { bar.setAttribute("x", Math.min(from, to)); bar.setAttribute("width", Math.abs(to - from)); }

  function update(view) {
    const method = methods[chosen[view.side]], get = (kind, name, row) => at(method[kind][name][row], now) ?? 0;
    view.root.setAttribute("aria-label", `The network under ${method.label}, ${when()}`);
    view.lanes.forEach((line, lane) => {
      const who = at(method.who[lane], now);
      line.setAttribute("stroke", COLOURS[WHO[who]]);
      line.setAttribute("marker-end", `url(#head-${view.side}-${who})`);
      const waiting = get("lane", "waiting", lane), approval = get("lane", "approval", lane);
      const [under, ordered, late] = view.numbers[lane], { room, pitch, makes } = picture.lanes[lane];
      const said = (value, words) => fitting([`${value} ${words}`, value], room);
      const there = amount(get("lane", "under_way", lane));
      under.textContent = pitch < 12 ? "" : makes ? said(`${makes}: ${there}`, "in work") : said(there, "under way");
      ordered.textContent = now && pitch >= 24 ? said(`+${amount(get("lane", "ordered", lane))}`, "ordered") : "";
      late.textContent = pitch < 38 ? "" : approval > 0.05 ? said(`(${amount(approval)})`, "to be approved") : waiting > 0.05 ? said(`(${amount(waiting)})`, "waiting") : "";
    });
    view.sites.forEach((site, row) => {
      const value = (name) => get("site", name, row), level = at(method.site.level[row], now);
      const lane = picture.lanes.findIndex((way) => way.to === row);
      site.box.setAttribute("stroke", COLOURS[WHO[at(method.who[lane], now)]]);
      const owes = value("owes");
      const has = amount(value("on_hand")), debt = amount(owes);
      site.words.textContent = owes > 0.05 ? fitting([`${has} on hand, owes ${debt}`, `${has}, owes ${debt}`, `${has} − ${debt}`], site.room) : fitting([`${has} on hand`, has], site.room);
      const [stock, position] = site.bars;
      span(stock.bar, site.place(0), site.place(value("on_hand")));
      span(stock.owed, site.place(-owes), site.place(0));
      span(position.bar, site.place(0), site.place(value("position")));
      position.bar.setAttribute("class", value("position") < 0 ? "owed" : "position");
      for (const mark of [position.band, position.level]) mark.setAttribute("visibility", level === null ? "hidden" : "visible");
      if (level !== null) {
        span(position.band, site.place(level - value("band")), site.place(level + value("band")));
        position.level.setAttribute("x", site.place(level) - 1);
      }
      if (site.asked) {
        site.asked.textContent = now ? `asked ${amount(value("demand"))}` : "";
        site.lost.textContent = value("lost") > 0.05 ? `lost ${amount(value("lost"))}` : "";
      }
    });
    const active = happening();
    const hit = (kind, row) => active.some((event) => event[kind].includes(row));
    view.hits.forEach((line, lane) => line.setAttribute("visibility", hit("lanes", lane) ? "visible" : "hidden"));
    view.sites.forEach((site, row) => site.box.classList.toggle("struck", hit("sites", row)));
    for (const [name, box] of Object.entries(view.suppliers)) box.classList.toggle("struck", hit("suppliers", name));
    const sofar = method.cost.slice(1, now + 1).reduce((sum, cost) => sum + cost, 0);
    one(`.told[data-side="${view.side}"]`).textContent = now ? `cost ${amount(method.cost[now])} this period, ${short(sofar / now)} a period so far` : "before the first period";
  }

  const happening = () => replay.happenings.filter((event) => event.spans.some(([first, last]) => first <= now && now <= last));
  const when = () => (now ? `period ${now} of ${periods}${now <= warmup ? " (warm-up)" : ""}` : "before the first period");
  const views = [0, 1].map(scene);
  views.forEach((view) => one(`.network[data-side="${view.side}"]`).append(view.root));

  function go(period) {
    now = Math.min(Math.max(period, 0), periods);
    one("#period").value = now;
    one("#period").setAttribute("aria-valuetext", when());
    one("#when").textContent = when();
    views.forEach(update);
    schedule.forEach((row) => row());
    if (course !== null) Plotly.relayout(one("#course-plot"), { "shapes[0].x0": now, "shapes[0].x1": now });
    if (now === periods) play(false);
  }

  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(() => go(now + 1), Number(one("#speed").value)) : null;
    one("#play").textContent = on ? "❚❚ Pause" : "▶ Play";
    one("#play").setAttribute("aria-label", on ? "Pause" : "Play");
  }

  function toggle() { if (!timer && now === periods) go(0); play(!timer); }

  // One site's course on both sides: stock, less what it owes.
  function follow(row) {
    course = row;
    one("#course").hidden = false;
    one("#course-name").textContent = `${picture.sites[row].name}: stock less what it owes`;
    const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const steps = [...Array(periods + 1).keys()];
    const lines = chosen.map((place, side) => ({ type: "scatter", mode: "lines", name: plain(methods[place].label), x: steps, y: steps.map((t) => at(methods[place].site.on_hand[row], t) - at(methods[place].site.owes[row], t)), line: { shape: "hv", width: 1.8, color: ["#0072B2", "#D55E00"][side] } }));
    const shapes = [{ type: "line", x0: now, x1: now, yref: "paper", y0: 0, y1: 1, line: { width: 1, dash: "dot", color: COLOURS.nobody } }];
    if (warmup) shapes.push({ type: "rect", x0: 0, x1: Math.min(warmup, periods), yref: "paper", y0: 0, y1: 1, line: { width: 0 }, fillcolor: COLOURS.nobody, opacity: 0.12, layer: "below" });
    draw(one("#course-plot"), { data: lines, layout: { shapes, height: 260, xaxis: { title: { text: "period (warm-up shaded)" }, automargin: true }, yaxis: { title: { text: "units" }, automargin: true }, legend: { orientation: "h", y: 1, yanchor: "bottom" } } });
  }

  tables.replay = () => {
    const names = ["on_hand", "owes", "position", "level", "demand", "lost"];
    const rows = chosen.flatMap((place) => data.parts[0].safe.flatMap((site, row) => [...Array(periods + 1).keys()].map((t) => [methods[place].safe, site, t, ...names.map((name) => at(methods[place].site[name][row], t))])));
    return [["method", "site", "period", ...names], rows];
  };

  // What happens in the episode: a line for each event, with the times it is in force, and now.
  const schedule = [];
  if (replay.happenings.length) {
    one("#happenings").hidden = false;
    for (const event of replay.happenings) {
      const row = make("div", { class: "event" }), times = make("div", { class: "times" }), cursor = make("i", { class: "now" });
      const places = [...event.sites.map((at) => picture.sites[at].name), ...event.suppliers, ...event.lanes.map((at) => picture.lanes[at].name)];
      const where = places.length > 3 ? `${places.slice(0, 2).join(", ")} and ${places.length - 2} more` : places.join(", ");
      const words = [event.effect, where && `at ${where}`].filter(Boolean).join(" ");
      const label = make("span", { title: `${event.name}: ${event.effect} ${places.join(", ")}` });
      label.append(make("b", {}, event.name), words ? ` ${words}` : "");
      for (const [first, last] of event.spans) {
        const span = make("i", { class: event.kind, title: first === last ? `period ${first}` : `periods ${first} to ${last}` });
        span.style.left = `${(100 * (first - 1)) / periods}%`;
        span.style.width = `${(100 * (last - first + 1)) / periods}%`;
        times.append(span);
      }
      times.append(cursor);
      row.append(label, times);
      one("#happenings").append(row);
      schedule.push(() => {
        cursor.style.left = `${(100 * Math.max(now - 0.5, 0)) / periods}%`;
        row.classList.toggle("on", event.spans.some(([first, last]) => first <= now && now <= last));
      });
    }
  }

  const used = new Set(methods.flatMap((method) => method.who.flat()));
  const legend = WHO.filter((_, place) => used.has(place)).map((name) => ["frame", `border-color:${COLOURS[name]}`, `decides: ${replay.deciders[name]}`]);
  legend.push(["", "background:var(--stock)", "on hand"], ["", "background:var(--owed)", "owes customers and other sites"], ["", "background:var(--position)", "inventory position: on hand − owes + on order"]);
  if (methods.some((method) => method.site.level.some((level) => level !== null))) legend.push(["", "background:var(--level)", "the centre’s order-up-to level, with its band"]);
  if (replay.happenings.some((event) => event.lanes.length)) legend.push(["", "background:var(--owed);opacity:.45", "an event is in force on the lane"]);
  if (replay.happenings.some((event) => event.sites.length || event.suppliers.length)) legend.push(["dashed", "border-color:var(--owed)", "… at the site"]);
  for (const [kind, style, words] of legend) {
    const item = make("li"), sample = make("i", { class: kind });
    sample.style.cssText = style;
    item.append(sample, words);
    one("#replay-legend").append(item);
  }

  for (const select of all(".side-method")) {
    fill(select, methods.map((method) => method.label));
    select.value = chosen[select.dataset.side];
    select.addEventListener("change", () => { chosen[select.dataset.side] = Number(select.value); go(now); if (course !== null) follow(course); });
  }
  one("#play").addEventListener("click", toggle);
  one("#period").addEventListener("input", (event) => { play(false); go(Number(event.target.value)); });
  one("#speed").addEventListener("change", () => { if (timer) play(true); });
  addEventListener("keydown", (event) => {
    const target = event.target, natively = event.key === " " ? "button, g.site" : "[role=tab], input";
    if (one("#replay").hidden || target.closest("select") || target.closest(natively) || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { " ": toggle, ArrowRight: () => go(now + 1), ArrowLeft: () => go(now - 1), Home: () => go(0), End: () => go(periods) }[event.key];
    if (!act) return;
    event.preventDefault();
    if (event.key !== " ") play(false);
    act();
  });
  addEventListener("beforeprint", () => { play(false); go(0); });
  go(0);
})();
