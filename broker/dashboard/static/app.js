// The dashboard's own script: everything works without it, and is nicer with it. Markup comes from the server, escaped.
"use strict";
(() => {
  const root = document.documentElement;
  const THEMES = ["system", "light", "dark"];
  const stored = (key) => { try { return localStorage.getItem(key) } catch { return null } };
  const store = (key, value) => { try { localStorage.setItem(key, value) } catch { /* private mode */ } };
  const theme = () => (THEMES.includes(stored("broker-theme")) ? stored("broker-theme") : "system");
  const paint = () => {
    const now = theme();
    if (now === "system") delete root.dataset.theme; else root.dataset.theme = now;
    const label = document.getElementById("theme-now");
    if (label) label.textContent = now;
  };
  paint(); // before the body is there, so that nothing flashes

  const say = (text) => { const box = document.getElementById("said"); if (box) box.textContent = text };
  const turn = () => { store("broker-theme", THEMES[(THEMES.indexOf(theme()) + 1) % 3]); paint(); say("Theme: " + theme()) };

  // Times
  const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h", 60, "min"], [34560000, 86400, "d", 3600, "h"]];
  const span = (s) => {
    for (const [below, unit, name, smaller, beside] of STEPS) {
      if (s >= below) continue;
      const count = Math.floor(s / unit), rest = s - count * unit;
      return count + " " + name + (smaller && count < 10 && rest >= smaller ? " " + Math.floor(rest / smaller) + " " + beside : "");
    }
    return Math.floor(s / 31536000) + " y";
  };
  let ahead = 0; // of the server's clock, milliseconds
  const ago = (scope) => {
    const now = Date.now() + ahead;
    for (const each of scope.querySelectorAll("time[data-ago]")) {
      const gone = (now - Date.parse(each.dateTime)) / 1000;
      each.textContent = Math.abs(gone) < 1 ? "just now" : gone > 0 ? span(gone) + " ago" : "in " + span(-gone);
    }
  };

  // Copy
  const copy = async (button) => {
    const text = button.dataset.copy;
    try { await navigator.clipboard.writeText(text) } catch {
      const area = document.createElement("textarea");
      area.value = text; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    const label = button.querySelector("span") || button, before = label.dataset.text || label.textContent;
    label.dataset.text = before; label.textContent = "Copied"; say("Copied");
    setTimeout(() => { label.textContent = before }, 1200);
  };
  const dress = (scope) => { for (const each of scope.querySelectorAll("[data-copy]")) each.hidden = false; ago(scope) };

  // Rows
  let at = -1;
  const rows = () => [...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden && row.querySelector("a.go"));
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const marked = all.findIndex((row) => row.classList.contains("at"));
    at = Math.min(Math.max((marked < 0 ? (by > 0 ? -1 : 0) : marked) + by, 0), all.length - 1);
    for (const row of all) row.classList.toggle("at", row === all[at]);
    all[at].querySelector("a.go").focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };

  // Live traffic: rows come rendered from the server
  const live = (box) => {
    const state = document.getElementById("live-state"), button = document.getElementById("live-pause");
    const body = box.querySelector("tbody"), most = Number(box.dataset.most || 200);
    let source = null, paused = false, waiting = [];
    const mark = (name, text) => { state.dataset.state = name; state.textContent = text };
    const show = (html) => {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const row = holder.content.querySelector("tr");
      if (!row || (row.id && document.getElementById(row.id))) return;
      row.classList.add("new");
      dress(holder.content);
      body.prepend(row);
      while (body.children.length > most) body.lastElementChild.remove();
      box.hidden = false;
      const empty = document.getElementById("live-empty");
      if (empty) empty.hidden = true;
    };
    const counted = () => { button.querySelector("span").textContent = paused ? (waiting.length ? "Go on (" + waiting.length + ")" : "Go on") : "Pause" };
    const open = () => {
      source = new EventSource(box.dataset.live);
      source.addEventListener("open", () => mark("on", paused ? "paused" : "live"));
      source.addEventListener("exchange", (event) => {
        if (!paused) return show(event.data);
        waiting = [...waiting, event.data].slice(-most); counted();
      });
      source.addEventListener("missed", (event) => say(event.data + " exchanges were too fast to show; reload to see them"));
      source.addEventListener("over", (event) => { source.close(); mark("off", event.data) });
      source.addEventListener("error", () => { if (source.readyState === 2) { mark("off", "not connected"); setTimeout(open, 3000) } else mark("off", "connecting…") });
    };
    const toggle = () => {
      paused = !paused;
      button.setAttribute("aria-pressed", String(paused));
      if (!paused) { waiting.forEach(show); waiting = [] }
      mark("on", paused ? "paused" : "live"); counted();
    };
    button.hidden = false;
    button.addEventListener("click", toggle);
    window.addEventListener("pagehide", () => source && source.close());
    open();
    return toggle;
  };

  document.addEventListener("DOMContentLoaded", () => {
    paint();
    const served = document.querySelector("body[data-now]");
    if (served) ahead = Date.parse(served.dataset.now) - Date.now();
    dress(document);
    const waiting = document.querySelector("[data-wait]");
    const wait = async () => {
      try {
        const answer = await fetch(waiting.dataset.wait, { redirect: "error" });
        if (answer.status === 200) return location.reload();
        setTimeout(wait, answer.ok ? 0 : 5000);
      } catch { setTimeout(wait, 5000) }
    };
    if (waiting) setTimeout(wait, 300);
    const again = document.querySelector("[data-reload]");
    if (again) setTimeout(() => location.reload(), Number(again.dataset.reload) * 1000);
    setInterval(() => ago(document), 5000);
    for (const id of ["theme", "keys"]) { const button = document.getElementById(id); if (button) button.hidden = false }
    const help = document.getElementById("help"), box = document.querySelector("[data-live]");
    const pause = box ? live(box) : null;
    document.addEventListener("click", (event) => {
      const target = event.target;
      const copying = target.closest("[data-copy]");
      if (copying) return void copy(copying);
      if (target.closest("#theme")) return turn();
      if (target.closest("#keys")) return help.showModal();
      const row = target.closest("tbody tr");
      if (row && !target.closest("a,button,input,select,summary,label,time") && !String(getSelection())) {
        const link = row.querySelector("a.go");
        if (link) link.click();
      }
    });
    document.addEventListener("submit", (event) => {
      const sure = event.target.dataset.sure;
      if (sure && !window.confirm(sure)) event.preventDefault();
    });
    document.addEventListener("change", (event) => {
      const form = event.target.closest("form.filters");
      if (form && event.target.matches("select,input[type=checkbox]")) form.requestSubmit();
    });
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.matches("input,select,textarea,[contenteditable]")) { if (event.key === "Escape") event.target.blur(); return }
      if (document.querySelector("dialog[open]")) return;
      const field = document.querySelector("[data-filter]"), up = [...document.querySelectorAll(".crumbs a")].pop();
      const acts = {
        "/": () => field && (field.focus(), field.select()), j: () => move(1), k: () => move(-1), u: () => up && up.click(),
        p: () => pause && pause(), t: turn, "?": () => help && help.showModal(),
      };
      if (Object.hasOwn(acts, event.key)) { event.preventDefault(); acts[event.key]() }
    });
  });
})();
