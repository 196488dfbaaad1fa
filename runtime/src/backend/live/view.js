// The live view. Whatever was recorded goes in as text, never as markup.
"use strict";
const KEPT = 300;
const kinds = ["traces", "errors", "events", "logs"];
const data = { traces: [], errors: [], events: [], logs: [], metrics: [] };
const history = { requests: [], errors: [], p95: [], events: [] };
let tab = "traces", since = 0, chosen = null, last = null;
const at = (id) => document.getElementById(id);

function el(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = String(text);
  return made;
}
const clock = (ms) => new Date(ms).toISOString().slice(11, 23);
function span(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 1) return (ms * 1000).toFixed(0) + " µs";
  return ms < 1000 ? ms.toFixed(ms < 10 ? 1 : 0) + " ms" : (ms / 1000).toFixed(2) + " s";
}
const number = (n) => (Math.abs(n) >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString("en") : n.toFixed(2).replace(/^-0\.00$/, "0.00"));
// Without what binary fractions leave behind: 0.1 + 0.2 is 0.3 to whoever looks.
const plain = (value) => (typeof value === "number" ? Number(value.toPrecision(12)) : value);
const short = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(plain(value)));
const pairs = (fields) => Object.entries(fields || {}).map(([k, v]) => k + "=" + short(v)).join(" ");

function facts(entries) {
  const list = el("dl");
  for (const [key, value] of entries) {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) continue;
    list.append(el("dt", "", key), el("dd", "", Array.isArray(value) ? value.map(short).join("\n") : short(value)));
  }
  return list;
}

const rows = {
  traces: (t) => [clock(t.time), t.name, span(t.duration), t.failed ? "bad" : t.kept === "slow" ? "slow" : ""],
  errors: (e) => [clock(e.time), (e.type ? e.type + ": " : "") + e.message, e.function || e.kind, e.kind === "slow" ? "slow" : "bad"],
  events: (e) => [clock(e.time), e.name + "  " + pairs(e.fields), "", "good"],
  logs: (l) => [clock(l.time), l.level + "  " + (l.message || "") , l.target, l.level === "ERROR" ? "bad" : l.level === "WARN" ? "slow" : ""],
};

function traceDetail(t) {
  const box = el("div");
  box.append(el("h2", "", t.name), facts([["trace", t.trace], ["took", span(t.duration)], ["outcome", t.outcome], ["error", t.error], ["spans", t.count], ["kept", t.kept]]));
  const children = new Map();
  const known = new Set(t.spans.map((s) => s.id));
  for (const s of t.spans) {
    const parent = known.has(s.parent) ? s.parent : "";
    children.set(parent, [...(children.get(parent) || []), s]);
  }
  const below = el("div");
  // What it began may go on after it.
  const whole = t.spans.reduce((end, s) => Math.max(end, s.at + s.duration), Math.max(t.duration, 0.000001));
  const show = (s, depth) => {
    const row = el("div", "span");
    const name = el("div", "name" + (s.failed ? " bad" : ""), s.name);
    name.style.paddingLeft = Math.min(depth, 12) * 0.8 + "rem";
    const bar = el("div", "bar"), inner = el("i", s.failed ? "bad" : "");
    inner.style.left = Math.min(100, (100 * s.at) / whole) + "%";
    inner.style.width = Math.min(100, (100 * s.duration) / whole) + "%";
    bar.append(inner);
    bar.title = span(s.duration);
    row.append(name, bar);
    row.onclick = () => below.replaceChildren(el("h3", "", s.name), facts([["took", span(s.duration)], ["outcome", s.outcome], ["error", s.error], ["kind", s.kind], ["at", s.place], ["events", s.events], ...Object.entries(s.fields)]));
    box.append(row);
    for (const child of (children.get(s.id) || []).sort((a, b) => a.at - b.at)) if (depth < 64) show(child, depth + 1);
  };
  for (const s of (children.get("") || []).sort((a, b) => a.at - b.at)) show(s, 0);
  box.append(below);
  return box;
}
function detail(kind, item) {
  if (kind === "traces") return traceDetail(item);
  const box = el("div");
  box.append(el("h2", "", item.type || item.name || item.level || item.kind), facts(Object.entries(item).filter(([k, v]) => k !== "fields" && (k !== "suppressed" || v > 0)).map(([k, v]) => [k, k === "time" ? clock(v) : v])), facts(Object.entries(item.fields || {})));
  const trace = data.traces.find((t) => t.trace === item.trace);
  if (trace) box.append(traceDetail(trace));
  return box;
}

function draw() {
  document.body.className = tab;
  const wanted = at("filter").value.toLowerCase();
  if (tab === "metrics") return drawMetrics(wanted);
  const fits = (item) => !wanted || JSON.stringify(item).toLowerCase().includes(wanted);
  const list = data[tab].filter(fits).sort((a, b) => b.time - a.time);
  at("list").replaceChildren(...list.map((item) => {
    const [time, what, more, mark] = rows[tab](item);
    const row = el("div", "row" + (item === chosen ? " on" : ""));
    row.append(el("time", "", time), el("span", "what " + mark, what), el("span", "more", more));
    row.onclick = () => { chosen = item; at("detail").replaceChildren(detail(tab, item)); draw(); };
    return row;
  }));
  if (!list.length) at("list").append(el("p", "row hint", "nothing yet"));
}
function drawMetrics(wanted) {
  const table = el("table"), head = el("tr");
  for (const title of ["metric", "labels", "count", "value or sum", "p50", "p95", "p99"]) head.append(el("th", "", title));
  table.append(head);
  const sorted = data.metrics.map((m) => [m, pairs(m.labels)]).sort(([a, x], [b, y]) => a.name.localeCompare(b.name) || x.localeCompare(y));
  for (const [m, labels] of sorted) {
    if (wanted && !(m.name + " " + labels).toLowerCase().includes(wanted)) continue;
    const row = el("tr"), unit = (n) => (n === undefined || n === null ? "" : m.unit === "s" ? span(n * 1000) : number(n));
    const value = m.gauge !== undefined ? m.gauge : m.sum;
    const count = m.counter ?? m.count;
    for (const cell of [m.name, labels, count === undefined ? "" : number(count), unit(value), unit(m.p50), unit(m.p95), unit(m.p99)]) row.append(el("td", "", cell));
    table.append(row);
  }
  at("list").replaceChildren(table);
}

function spark(values) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "polyline");
  svg.setAttribute("viewBox", "0 0 60 26"); svg.setAttribute("preserveAspectRatio", "none");
  const top = Math.max(...values, 0.000001);
  line.setAttribute("points", values.map((v, n) => n + "," + (25 - (24 * v) / top).toFixed(1)).join(" "));
  svg.append(line);
  return svg;
}
function push(list, value) { list.push(value); if (list.length > 60) list.shift(); }
function totals(metrics) {
  const sum = (test, key) => metrics.filter(test).reduce((all, m) => all + (m[key] || 0), 0);
  const calls = (m) => m.name === "http.server.request.duration";
  const any = metrics.some(calls);
  const isCall = (m) => (any ? calls(m) : m.name === "function.duration");
  const isFailure = (m) => m.name === "function.errors" && m.labels.class !== "expected" && m.labels.class !== "client";
  const worst = metrics.filter(isCall).reduce((p, m) => Math.max(p, m.p95 || 0), 0);
  return { requests: sum(isCall, "count"), errors: sum(isFailure, "counter"), p95: worst * 1000 };
}
function cards(answer, seconds) {
  const now = totals(answer.metrics);
  if (last) {
    push(history.requests, (now.requests - last.requests) / seconds);
    push(history.errors, (now.errors - last.errors) / seconds);
    push(history.p95, now.p95);
    push(history.events, answer.events.length / seconds);
  }
  last = now;
  const card = (title, value, values) => { const box = el("div", "card"); box.append(el("small", "", title), el("strong", "", value), spark(values.length ? values : [0])); return box; };
  const latest = (values) => values[values.length - 1] || 0;
  at("cards").replaceChildren(
    card("requests a second", number(latest(history.requests)), history.requests),
    card("failed calls a second", number(latest(history.errors)), history.errors),
    card("slowest p95", span(latest(history.p95)), history.p95),
    card("business events a second", number(latest(history.events)), history.events));
}

let asked = performance.now();
async function ask() {
  try {
    const answer = await (await fetch("live.json?since=" + since)).json();
    const seconds = Math.max((performance.now() - asked) / 1000, 0.1);
    asked = performance.now();
    if (answer.next < since) { for (const kind of kinds) data[kind] = []; since = 0; last = null; }
    else since = answer.next;
    for (const kind of kinds) data[kind] = [...data[kind], ...answer[kind]].slice(-KEPT);
    data.metrics = answer.metrics;
    const who = answer.identity;
    at("service").textContent = [who.service, who.version, who.environment, "pid " + who.pid].filter(Boolean).join(" · ");
    at("errors-count").textContent = data.errors.length || "";
    at("state").textContent = "live"; at("state").className = "";
    cards(answer, seconds);
    draw();
  } catch (_) {
    at("state").textContent = "the service is gone"; at("state").className = "lost";
  }
  setTimeout(ask, 1000);
}
at("tabs").onclick = (click) => {
  const chosenTab = click.target.closest("button");
  if (!chosenTab) return;
  for (const button of at("tabs").children) button.className = button === chosenTab ? "on" : "";
  tab = chosenTab.dataset.tab; chosen = null; draw();
};
at("filter").oninput = draw;
ask();
