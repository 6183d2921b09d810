"use strict";
(function () {
  var root = document.documentElement, tip = document.getElementById("tip"), live = document.getElementById("live");

  // The theme: the system's, or the one chosen before.
  var themes = ["system", "light", "dark"], button = document.getElementById("theme"), theme = "system";
  function kept() { try { return localStorage.getItem("loyalty-theme") || "system"; } catch (e) { return "system"; } }
  function wear(name) {
    theme = themes.indexOf(name) < 0 ? "system" : name;
    if (theme === "system") { root.removeAttribute("data-theme"); } else { root.setAttribute("data-theme", theme); }
    button.textContent = "Theme: " + theme;
  }
  wear(kept());
  button.hidden = false;
  button.addEventListener("click", function () {
    wear(themes[(themes.indexOf(theme) + 1) % themes.length]);
    try { localStorage.setItem("loyalty-theme", theme); } catch (e) { /* it lasts as long as the page */ }
  });

  // Numbers stand at the right; long text gets a width.
  function heads(table) { return table.tHead.rows[0].cells; }
  document.querySelectorAll("table").forEach(function (table) {
    var h = heads(table);
    Array.prototype.forEach.call(table.tBodies[0].rows, function (r) {
      if (r.cells[0].textContent.length > 40) { r.cells[0].classList.add("x"); }
      for (var i = 1; i < r.cells.length; i++) {
        if (h[i].classList.contains("n")) { r.cells[i].classList.add("r"); } else if (r.cells[i].textContent.length > 40) { r.cells[i].classList.add("x"); } else if (r.cells[i].textContent.length < 13) { r.cells[i].classList.add("s"); }
      }
    });
  });

  // Sorting. What has no number comes last, whichever way.
  function number(cell) {
    var text = cell && cell.firstChild ? cell.firstChild.textContent : "";
    var m = text.split(root.dataset.group).join("").replace(root.dataset.decimal, ".").replace("\u2212", "-").match(/([-+]?)[^-+\d]*(\d+(\.\d+)?)/);
    return m ? parseFloat(m[1] + m[2]) : NaN; // the sign may stand before the currency
  }
  function sort(table, at) {
    var h = heads(table), down = h[at].getAttribute("aria-sort") === "ascending", numeric = h[at].classList.contains("n");
    for (var i = 0; i < h.length; i++) { h[i].setAttribute("aria-sort", i === at ? (down ? "descending" : "ascending") : "none"); }
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    rows.sort(function (a, b) {
      var x, y;
      if (numeric) {
        x = number(a.cells[at]); y = number(b.cells[at]);
        if (isNaN(x) || isNaN(y)) { return (isNaN(x) ? 1 : 0) - (isNaN(y) ? 1 : 0); }
        return down ? y - x : x - y;
      }
      x = a.cells[at] ? a.cells[at].textContent : ""; y = b.cells[at] ? b.cells[at].textContent : "";
      return (down ? -1 : 1) * x.localeCompare(y, undefined, { numeric: true });
    });
    rows.forEach(function (r) { table.tBodies[0].appendChild(r); });
    live.textContent = "Sorted by " + h[at].textContent + (down ? ", descending" : ", ascending");
  }
  document.querySelectorAll("table.sort").forEach(function (table) {
    Array.prototype.forEach.call(heads(table), function (th, i) {
      var b = document.createElement("button");
      b.type = "button";
      b.textContent = th.textContent;
      b.addEventListener("click", function () { sort(table, i); });
      th.textContent = "";
      th.appendChild(b);
      th.setAttribute("aria-sort", "none");
    });
  });

  // Definitions and what marks say, beside what they belong to.
  function show(text, box) {
    tip.textContent = text;
    tip.hidden = false;
    var w = tip.offsetWidth, high = tip.offsetHeight, y = box.bottom + 8;
    if (y + high > innerHeight - 8) { y = Math.max(8, box.top - high - 8); }
    tip.style.bottom = "auto";
    tip.style.left = Math.max(8, Math.min(box.left, root.clientWidth - w - 8)) + "px";
    tip.style.top = y + "px";
  }
  function hide() { tip.hidden = true; }
  function says(mark) {
    var t = mark.querySelector("title");
    if (t) { mark.saying = t.textContent; t.remove(); } // or the browser would show it too
    return mark.saying;
  }
  function over(e) {
    var term = e.target.closest && e.target.closest(".term"), mark = e.target.closest && e.target.closest(".mark");
    if (term) {
      var d = document.getElementById(decodeURIComponent(term.getAttribute("href").slice(1)));
      if (d) { show(d.textContent, term.getBoundingClientRect()); }
    } else if (mark && e.type === "pointerover") {
      show(says(mark), mark.getBoundingClientRect());
    } else { hide(); }
  }
  document.addEventListener("pointerover", over);
  document.addEventListener("focusin", over);
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, { passive: true });
  document.addEventListener("keydown", function (e) { if (e.key === "Escape") { hide(); } });

  // The arrow keys go through the marks of a chart.
  document.querySelectorAll("svg.chart").forEach(function (svg) {
    var marks = svg.querySelectorAll(".mark"), at = -1;
    if (!marks.length) { return; }
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("keydown", function (e) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
      if (!step) { return; }
      e.preventDefault();
      if (at >= 0) { marks[at].classList.remove("on"); }
      at = (at + step + marks.length) % marks.length;
      if (at < 0) { at = 0; }
      marks[at].classList.add("on");
      live.textContent = says(marks[at]);
      show(live.textContent, marks[at].getBoundingClientRect());
    });
    svg.addEventListener("blur", function () { if (at >= 0) { marks[at].classList.remove("on"); } });
  });

  // A link into a folded part opens it.
  function unfold() {
    var t = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var d = t; d; d = d.parentElement) { if (d.tagName === "DETAILS") { d.open = true; } }
  }
  addEventListener("hashchange", unfold);
  unfold();
})();
