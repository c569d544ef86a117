"use strict";
// The page: tabs, themes, figures drawn when they are first seen, and their data as CSV files.
const data = JSON.parse(document.getElementById("data").textContent);
const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const tables = {};  // what a CSV button writes: a function that gives [columns, rows]

function make(name, attributes = {}, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function fill(select, names) {
  select.replaceChildren(...names.map((name, at) => make("option", { value: at }, name)));
}

function short(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  const decimals = size === 0 ? 0 : Math.min(Math.max(3 - Math.floor(Math.log10(size)), 0), 4);
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
}

// Figures

const SETTINGS = { displaylogo: false, responsive: true, displayModeBar: false };
const drawn = new Map();  // element -> what it shows, to draw it again in another theme
const widths = new WeakMap();  // element -> how wide it was when drawn

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(); }

function styled(layout, width) {
  const merged = structuredClone(layout);
  const axis = { gridcolor: colour("grid"), zerolinecolor: colour("soft"), linecolor: colour("line"), tickcolor: colour("line") };
  for (const name of ["xaxis", "yaxis"]) {
    merged[name] = { ...axis, ...merged[name] };
    if (merged[name].title) merged[name].title.font = { size: 13 };
  }
  merged.xaxis.zeroline = Boolean(merged.xaxis.zeroline);
  merged.yaxis.zeroline = false;
  if (width && merged.yaxis.type !== "category") merged.height = Math.min(merged.height ?? FLAT, FLAT);
  return {
    margin: { l: 10, r: 16, t: 30, b: 10 }, hovermode: "closest", ...merged, ...(width ? { width } : { autosize: true }),
    paper_bgcolor: colour("card"), plot_bgcolor: colour("card"), font: { family: "inherit", size: 13, color: colour("ink") },
  };
}

function draw(element, figure, width) {
  drawn.set(element, figure);
  widths.set(element, element.clientWidth);
  Plotly.react(element, structuredClone(figure.data), styled(figure.layout, width), SETTINGS);
}

function drawSeen(panel, width) {
  for (const element of panel.querySelectorAll("[data-figure]")) {
    if (width || widths.get(element) !== element.clientWidth) draw(element, data.figures[element.dataset.figure], width);
  }
}

function redraw(width) {
  for (const [element, figure] of drawn) {
    if (width || element.offsetParent) draw(element, figure, width);
    else widths.delete(element);  // out of sight nothing has a size, and a legend would stand on the bars: drawn when it is seen
  }
}

for (const [name, sheet] of Object.entries({ ...data.figures, ...data.sheets })) tables[name] = () => [sheet.columns, sheet.rows];

// Tabs

const tabs = all("[role=tab]");

function show(name, focus) {
  for (const tab of tabs) {
    const chosen = tab.getAttribute("aria-controls") === name;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
    if (chosen && focus) tab.focus();
    if (chosen) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  const panel = document.getElementById(name);
  drawSeen(panel);
  panel.dispatchEvent(new Event("seen"));
  edges();
}

for (const [at, tab] of tabs.entries()) {
  tab.addEventListener("click", (event) => {
    const name = tab.getAttribute("aria-controls");
    show(name);
    history.replaceState(null, "", `#${name}`);
    if (event.detail && name === "replay") one("#play")?.focus();  // whoever came by mouse steers the replay by keys next, not the tabs
  });
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(tabs[to % tabs.length].getAttribute("aria-controls"), true);
  });
}

// A table that goes on to the right says so at its edge

function edges() { for (const box of all(".scroll")) box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 2); }
for (const box of all(".scroll")) box.addEventListener("scroll", edges, { passive: true });
addEventListener("resize", edges);

// Light and dark

const dark = matchMedia("(prefers-color-scheme: dark)");
function isDark() { return (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark"; }
one("#theme").addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; redraw(); });
dark.addEventListener("change", () => redraw());

// Paper: everything, in light colours and as wide as a sheet

const SHEET = 680, FLAT = 330;  // three charts on a sheet
let before;
addEventListener("beforeprint", () => {
  before = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  for (const panel of all(".panel")) { drawSeen(panel, SHEET); panel.dispatchEvent(new Event("seen")); }
  redraw(SHEET);
});
addEventListener("afterprint", () => {
  if (before) document.documentElement.dataset.theme = before; else delete document.documentElement.dataset.theme;
  redraw();
});

// Data as CSV: texts were made harmless to spreadsheets when the page was written

function asCsv(columns, rows) {
  const cell = (value) => (typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : value ?? "");
  return [columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

for (const button of all("[data-csv]")) {
  button.addEventListener("click", () => {
    const link = make("a", { download: `${button.dataset.csv}.csv` });
    link.href = URL.createObjectURL(new Blob([asCsv(...tables[button.dataset.csv]())], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const asked = location.hash.slice(1);
  show(tabs.some((tab) => tab.getAttribute("aria-controls") === asked) ? asked : "overview");
});
