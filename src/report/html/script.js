"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const data = new WeakMap();
  const read = (node) => {
    if (!node) return null;
    if (!data.has(node)) data.set(node, JSON.parse(node.textContent));
    return data.get(node);
  };
  const of = (figure) => read(figure.querySelector("script.data"));
  const months = () => read(document.getElementById("months")) || [];
  const drawn = (plot) => [...plot.querySelectorAll(":scope > div:not(.values)")].find((d) => d.offsetParent !== null);

  // The medians of the other strategies stand beside those of a strategy's own chart.
  const others = (figure, month) => {
    const key = figure.dataset.key, dot = key.indexOf(".");
    const what = key.slice(0, dot + 1), own = key.slice(dot + 1);
    if (!["cost_to_date.", "monthly_cost.", "chips.", "utilisation."].includes(what)) return [];
    return [...document.querySelectorAll("figure.chart")]
      .filter((f) => f.dataset.key.startsWith(what) && f.dataset.key.slice(dot + 1) !== own)
      .map((f) => {
        const { names, values } = of(f);
        return [f.dataset.key.slice(dot + 1) + ", median", values[names.indexOf("median")][month]];
      });
  };

  const hide = (plot) => {
    delete plot.dataset.month;
    plot.querySelector(".values").hidden = true;
    for (const rule of plot.querySelectorAll(".rule")) rule.style.display = "none";
  };

  const show = (plot, month) => {
    const figure = plot.closest("figure"), { names, values } = of(figure);
    const count = Math.max(...values.map((v) => v.length));
    if (!count) return;
    month = Math.min(Math.max(month, 0), count - 1);
    plot.dataset.month = month;
    const box = plot.querySelector(".values"), list = document.createElement("dl");
    const rows = names.map((name, i) => [name, values[i][month]]).concat(others(figure, month));
    for (const [name, value] of rows) {
      const term = document.createElement("dt"), said = document.createElement("dd");
      term.textContent = name;
      said.textContent = value ?? "–";
      if (name === "median") term.className = said.className = "middle";
      list.append(term, said);
    }
    const head = document.createElement("b");
    head.textContent = months()[month] || `month ${month + 1}`;
    box.replaceChildren(head, list);
    box.hidden = false;
    const place = drawn(plot), rule = place && place.querySelector(".rule");
    if (!rule) return;
    const from = +rule.dataset.from, to = +rule.dataset.to;
    const share = from + (to - from) * (count > 1 ? month / (count - 1) : 0.5);
    rule.style.left = `${100 * share}%`;
    rule.style.display = "block";
    const left = share > 0.5;
    box.style.left = left ? `${100 * from + 1}%` : "auto";
    box.style.right = left ? "auto" : `${100 * (1 - to) + 1}%`;
  };

  const at = (plot, x) => {
    const place = drawn(plot), rule = place && place.querySelector(".rule");
    if (!rule) return;
    const bounds = place.getBoundingClientRect(), share = (x - bounds.left) / bounds.width;
    const count = Math.max(...of(plot.closest("figure")).values.map((v) => v.length));
    show(plot, Math.round(((share - rule.dataset.from) / (rule.dataset.to - rule.dataset.from)) * (count - 1)));
  };

  document.addEventListener("pointermove", (event) => {
    const plot = event.target.closest && event.target.closest(".plot");
    for (const open of document.querySelectorAll(".plot[data-month]")) if (open !== plot && open !== document.activeElement) hide(open);
    if (plot) at(plot, event.clientX);
  });
  document.addEventListener("pointerdown", (event) => {
    const plot = event.target.closest && event.target.closest(".plot");
    if (plot) at(plot, event.clientX);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches && event.target.matches(".plot:focus-visible")) show(event.target, +(event.target.dataset.month ?? 0));
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches && event.target.matches(".plot")) hide(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const plot = event.target.matches && event.target.matches(".plot") ? event.target : null;
    if (!plot) return;
    const now = +(plot.dataset.month ?? 0), far = event.shiftKey ? 12 : 1;
    const to = { ArrowLeft: now - far, ArrowRight: now + far, Home: 0, End: Infinity }[event.key];
    if (event.key === "Escape") hide(plot);
    if (to === undefined) return;
    event.preventDefault();
    show(plot, to);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(".tools button");
    if (!button) return;
    const figure = button.closest("figure"), on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    if (button.dataset.part) figure.classList.toggle(`hide-${button.dataset.part}`, !on);
    else figure.classList.toggle("show-other", on !== (button.dataset.axis === "log"));
  });
})();
