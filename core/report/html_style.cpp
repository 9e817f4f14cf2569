// SPDX-License-Identifier: Apache-2.0
#include "core/report/html_page.hpp"

namespace mapctl::report::page {

const std::string_view style = R"css(
:root {
  color-scheme: light dark;
  --bg: #f6f8fa; --card: #ffffff; --text: #1b2430; --muted: #566273; --line: #d5dce4;
  --accent: #1f4e8c; --head: #eef2f7;
  --green: #d5efdc; --green-text: #11552a; --yellow: #fff3bf; --yellow-text: #5c4400;
  --red: #fad4d4; --red-text: #7a1414; --grey: #e4e7eb; --grey-text: #3d4654;
  --blue: #d6e6f8; --blue-text: #123f70;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #11161d; --card: #1a212b; --text: #e4e9ef; --muted: #9ba8b7; --line: #323d4b;
    --accent: #8bb8f2; --head: #222b37;
    --green: #16402a; --green-text: #bdecca; --yellow: #4b3d0b; --yellow-text: #ffe89a;
    --red: #561d1d; --red-text: #ffc9c9; --grey: #333c48; --grey-text: #d0d7df;
    --blue: #173a60; --blue-text: #c4defb;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
header, main, footer { max-width: 1320px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 28px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 0; overflow-wrap: anywhere; }
.muted { color: var(--muted); }
.meta { margin: 0 0 18px; font-size: 13px; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 0 0 20px; padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 14px; }
.cards b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.cards span { color: var(--muted); font-size: 13px; }
form { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; gap: 10px 14px;
  align-items: end; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 14px; margin-bottom: 18px; box-shadow: 0 2px 8px rgb(0 0 0 / 8%); }
label { display: grid; gap: 3px; font-size: 12px; color: var(--muted); }
label.check { display: flex; align-items: center; gap: 6px; padding-bottom: 7px; font-size: 14px;
  color: var(--text); }
input, select, button { font: inherit; font-size: 14px; color: var(--text); background: var(--bg);
  border: 1px solid var(--line); border-radius: 6px; padding: 5px 8px; min-height: 34px; }
input[type=search] { width: 240px; }
input[type=number] { width: 76px; }
input[type=checkbox] { min-height: 0; width: 16px; height: 16px; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#count { margin-left: auto; font-size: 14px; padding-bottom: 7px; }
.pair { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  margin-bottom: 16px; }
.pair > summary { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: baseline;
  padding: 12px 14px; cursor: pointer; list-style-position: inside; }
.pair > summary h2 { display: inline; }
.scroll { overflow-x: auto; border-top: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; background: var(--head); font-size: 12px; color: var(--muted);
  white-space: nowrap; }
th, td { padding: 7px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.name { font-family: ui-monospace, "Liberation Mono", monospace; font-size: 13px;
  overflow-wrap: anywhere; min-width: 170px; }
td small { display: block; color: var(--muted); font-family: inherit; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { display: inline-block; border-radius: 999px; padding: 1px 9px; font-size: 12px;
  white-space: nowrap; background: var(--grey); color: var(--grey-text); }
.green { background: var(--green); color: var(--green-text); }
.yellow { background: var(--yellow); color: var(--yellow-text); }
.red { background: var(--red); color: var(--red-text); }
.blue { background: var(--blue); color: var(--blue-text); }
.warning { color: var(--red-text); background: var(--red); border-radius: 6px; padding: 2px 8px;
  margin-top: 4px; font-size: 13px; }
.evidence { padding: 4px 0 4px; font-size: 13px; }
.evidence ul { margin: 4px 0 6px; padding-left: 18px; }
.link { border: 0; background: none; color: var(--accent); padding: 0; min-height: 0;
  text-decoration: underline; font-size: 13px; }
.error { padding: 10px 14px; border-top: 1px solid var(--line); }
.missing { padding: 10px 14px; border-top: 1px solid var(--line); font-size: 14px;
  overflow-wrap: anywhere; }
.empty { text-align: center; padding: 40px; color: var(--muted); }
footer { padding: 10px 20px 40px; font-size: 13px; color: var(--muted); }
@media print {
  :root { --bg: #fff; --card: #fff; --text: #000; --muted: #444; --line: #bbb; }
  body { font-size: 10pt; }
  form { display: none; }
  .link { display: none; }
  .pair { break-inside: auto; border-radius: 0; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .badge, .warning, th { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
}
)css";

const std::string_view body = R"html(
<header>
<h1 id="title"></h1>
<p class="meta muted" id="meta"></p>
<ul class="cards" id="cards" aria-label="Summary"></ul>
</header>
<main>
<form id="filters" role="search" aria-label="Filters">
<label>Search<input type="search" id="q" placeholder="column, table, reason" autocomplete="off"></label>
<label>Status<select id="status"><option value="">any</option></select></label>
<label>Source<select id="source"><option value="">any</option></select></label>
<label>Target table<select id="target"><option value="">any</option></select></label>
<label>Confidence from<input type="number" id="min" min="0" max="1" step="0.05" placeholder="0"></label>
<label>to<input type="number" id="max" min="0" max="1" step="0.05" placeholder="1"></label>
<label class="check"><input type="checkbox" id="warnings">only warnings</label>
<label class="check"><input type="checkbox" id="evidence">show evidence</label>
<button type="reset">Clear</button>
<span id="count" role="status" aria-live="polite"></span>
</form>
<div id="pairs"></div>
<noscript><p class="empty">This page lists its mappings with a script; please allow it. Nothing is
loaded from the network.</p></noscript>
</main>
<footer id="foot"></footer>
)html";

}  // namespace mapctl::report::page
