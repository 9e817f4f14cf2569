// SPDX-License-Identifier: Apache-2.0
#include "core/report/html_page.hpp"

namespace mapctl::report::page {

const std::string_view script = R"js(
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const fields = ["q", "status", "source", "target", "min", "max"];
const switches = ["warnings", "evidence"];
const state = {};

function element(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const percent = (share) => (100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0) + " %";
const colour = (value) => value >= 0.9 ? "green" : value >= 0.7 ? "yellow" : "red";
const band = (value) => value >= 0.9 ? "high" : value >= 0.7 ? "medium" : "low";
const statusColour = {
  approved: "green", flagged: "blue", "needs info": "blue", unmapped: "yellow",
};

// Pairs may have endpoints of their own beside those of the plan.
function systems(key, planned) {
  const names = [...new Set(data.pairs.map((pair) => pair[key]).filter(Boolean))];
  return names.length > 6 ? names.length + " systems" : names.join(", ") || planned;
}

function showHead() {
  const run = data.run, sum = data.totals;
  document.title = run.name ? "Mappings: " + run.name : "Mappings";
  byId("title").textContent = run.name ? "Mappings of " + run.name : "Mappings";
  byId("meta").textContent = [
    [systems("source_endpoint", run.source), systems("target_endpoint", run.target)]
      .filter(Boolean).join(" → "),
    run.tenant ? "tenant " + run.tenant : "", run.generated_at, run.run_id ? "run " + run.run_id : "",
  ].filter(Boolean).join(" · ");
  const cards = [
    [sum.pairs, "pairs of tables"], [percent(sum.coverage), "of source columns covered"],
    [sum.mapped, "source columns mapped"], [sum.proposed, "mappings to review"],
    [sum.confidence.toFixed(2), "mean confidence"], [sum.required_unmapped, "required targets open"],
    [sum.lossy, "with possible loss"],
  ];
  if (sum.failed) cards.push([sum.failed, "pairs failed"]);
  for (const [value, label] of cards) {
    byId("cards").append(element("li", {}, element("b", {text: value}),
                                 element("span", {text: label})));
  }
  byId("foot").textContent = "Made by mapctl " + run.tool_version + ". Export " + run.export_id + ".";
}

function fillChoices() {
  const choices = {status: new Set(), source: new Set(), target: new Set()};
  for (const pair of data.pairs) {
    choices.source.add(pair.source_endpoint);
    choices.source.add(pair.source);
    choices.target.add(pair.target);
    for (const row of pair.rows) choices.status.add(row.status);
  }
  for (const [id, values] of Object.entries(choices)) {
    for (const value of [...values].sort()) {
      byId(id).append(element("option", {value: value, text: value}));
    }
  }
}

function readFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const id of fields) {
    const value = given.get(id) || "";
    // A link may name something that this run does not have: it then matches nothing, visibly.
    if (value && byId(id).tagName === "SELECT" &&
        ![...byId(id).options].some((option) => option.value === value)) {
      byId(id).append(element("option", {value: value, text: value}));
    }
    byId(id).value = value;
  }
  for (const id of switches) byId(id).checked = ["1", "true", "yes"].includes(given.get(id));
}

function readControls() {
  for (const id of fields) state[id] = byId(id).value.trim();
  for (const id of switches) state[id] = byId(id).checked;
  state.words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  state.low = state.min === "" ? -1 : Number(state.min);
  state.high = state.max === "" ? 2 : Number(state.max);
}

function writeFragment() {
  const given = new URLSearchParams();
  for (const id of fields) if (state[id]) given.set(id, state[id]);
  for (const id of switches) if (state[id]) given.set(id, "1");
  const text = given.toString();
  history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
}

function textOf(pair, row) {
  if (!row.text) {
    row.text = [
      pair.source, pair.target, pair.source_endpoint, row.source, row.target, row.status,
      row.transformation, row.source_type, row.target_type, ...row.warnings,
      ...row.evidence.map((reason) => reason.detail),
    ].join("\n").toLowerCase();
  }
  return row.text;
}

function passes(pair, row) {
  if (state.source && state.source !== pair.source && state.source !== pair.source_endpoint) {
    return false;
  }
  if (state.target && state.target !== pair.target) return false;
  if (state.status && state.status !== row.status) return false;
  if (state.warnings && row.warnings.length === 0) return false;
  if (state.low >= 0 || state.high <= 1) {
    if (!row.target || row.confidence < state.low || row.confidence > state.high) return false;
  }
  return state.words.every((word) => textOf(pair, row).includes(word));
}

function evidenceOf(row) {
  const list = element("ul");
  for (const reason of row.evidence) {
    const sign = reason.weight < 0 ? "−" : "+";
    list.append(element("li", {text: (reason.detail || reason.signal) + " (" + reason.signal + ", " +
      sign + Math.abs(reason.weight).toFixed(2) + ")"}));
  }
  const block = element("div", {class: "evidence"});
  if (row.evidence.length) block.append(list);
  if (row.alternatives.length) {
    block.append("Alternatives: " + row.alternatives.map(
      (other) => other.target + " (" + other.confidence.toFixed(2) + ")").join(", "));
  }
  return block;
}

function showRow(row) {
  const reasons = element("td");
  for (const warning of row.warnings) {
    reasons.append(element("div", {class: "warning", text: "Warning: " + warning}));
  }
  if (row.evidence.length || row.alternatives.length) {
    const block = evidenceOf(row);
    block.hidden = !state.evidence;
    const toggle = element("button", {type: "button", class: "link",
      "aria-expanded": String(state.evidence), text: state.evidence ? "Hide why" : "Why?"});
    toggle.addEventListener("click", () => {
      block.hidden = !block.hidden;
      toggle.textContent = block.hidden ? "Why?" : "Hide why";
      toggle.setAttribute("aria-expanded", String(!block.hidden));
    });
    reasons.append(toggle, block);
  }
  const target = element("td", {class: "name", text: row.target || "no target"});
  if (!row.target) target.classList.add("muted");
  if (row.target_type) target.append(element("small", {text: row.target_type}));
  const source = element("td", {class: "name", text: row.source || "(constant)"});
  if (row.source_type) source.append(element("small", {text: row.source_type}));
  const status = element("td", {}, element("span",
    {class: "badge " + (statusColour[row.status] || ""), text: row.status}));
  if (row.personal) status.append(" ", element("span", {class: "badge blue", text: "personal"}));
  const sure = element("td", {class: "number"});
  if (row.target) {
    sure.append(element("span", {class: "badge " + colour(row.confidence),
      text: row.confidence.toFixed(2) + " " + band(row.confidence)}));
  }
  return element("tr", {class: "mapping"}, source, target, status, sure,
    element("td", {text: row.transformation || (row.target ? "direct" : "")}), reasons);
}

function showTable(pair, rows) {
  const head = element("tr");
  for (const title of ["Source column", "Target column", "Status", "Confidence", "Transformation",
                       "Evidence and warnings"]) {
    head.append(element("th", {scope: "col", text: title}));
  }
  const body = element("tbody");
  for (const row of rows) body.append(showRow(row));
  return element("div", {class: "scroll"}, element("table", {"aria-label": pair.title},
    element("thead", {}, head), body));
}

function showPair(pair, rows, isFiltered, isOpen) {
  const summary = element("summary", {}, element("h2", {text: pair.source + " → " + pair.target}),
    element("span", {class: "muted", text: pair.source_endpoint + " → " + pair.target_endpoint}));
  if (pair.status === "failed") {
    summary.append(element("span", {class: "badge red", text: "failed"}));
  } else {
    summary.append(element("span", {class: "badge", text: percent(pair.coverage) + " covered"}));
  }
  if (pair.required_unmapped) {
    summary.append(element("span", {class: "badge red",
      text: pair.required_unmapped + " required open"}));
  }
  summary.append(element("span", {class: "muted", text: isFiltered
    ? rows.length + " of " + pair.rows.length + " rows" : rows.length + " rows"}));
  const block = element("details", {class: "pair"}, summary);
  const fill = () => {
    if (block.childElementCount > 1) return;
    if (pair.error) block.append(element("div", {class: "error", text: pair.error}));
    if (rows.length) block.append(showTable(pair, rows));
    if (pair.unmapped.length && !isFiltered) {
      block.append(element("div", {class: "missing", text: "Nothing feeds: " + pair.unmapped.map(
        (column) => column.name + (column.required ? " (required)" : "")).join(", ")}));
    }
  };
  block.addEventListener("toggle", fill);
  if (isOpen) {
    fill();
    block.open = true;
  }
  return block;
}

function show() {
  readControls();
  const isFiltered = state.words.length > 0 || ["status", "source", "target", "min", "max"].some(
    (id) => state[id]) || state.warnings;
  const shown = [];
  let count = 0, all = 0;
  for (const pair of data.pairs) {
    all += pair.rows.length;
    const rows = pair.rows.filter((row) => passes(pair, row));
    if (rows.length || (!isFiltered && pair.rows.length === 0)) shown.push([pair, rows]);
    count += rows.length;
  }
  const list = document.createDocumentFragment();
  let room = 600;
  for (const [pair, rows] of shown) {
    room -= rows.length;
    list.append(showPair(pair, rows, isFiltered, room >= 0 || shown.length === 1));
  }
  if (!shown.length) list.append(element("p", {class: "empty", text: "No mapping matches."}));
  byId("pairs").replaceChildren(list);
  byId("count").textContent = isFiltered ? count + " of " + all + " rows shown"
    : all + " rows";
}

let timer = 0;
byId("filters").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => { show(); writeFragment(); }, 80);
});
byId("filters").addEventListener("reset", () => setTimeout(() => { show(); writeFragment(); }));
byId("filters").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => { readFragment(); show(); });
addEventListener("beforeprint", () => {
  for (const block of document.querySelectorAll("details.pair")) block.open = true;
});
showHead();
fillChoices();
readFragment();
show();
)js";

}  // namespace mapctl::report::page
