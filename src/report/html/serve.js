"use strict";
(() => {
  const form = document.getElementById("what-if"), state = document.getElementById("state");
  const answer = document.getElementById("answer");
  if (!form) return;
  const said = (input) => {
    const x = +input.value;
    if (input.dataset.kind === "times") return x === 1 ? "as planned" : `× ${x.toFixed(2)}`;
    const percent = (100 * x).toFixed(input.dataset.kind === "share" ? 1 : 0) + " %";
    if (input.dataset.kind === "share") return percent;
    return x === 0 ? "as planned" : (x > 0 ? "+" : "") + percent;
  };
  const label = () => {
    for (const input of form.querySelectorAll("input")) {
      input.nextElementSibling.textContent = said(input);
      input.setAttribute("aria-valuetext", said(input));
    }
  };
  // One question at a time; of those asked meanwhile only the last.
  let asking = false, again = false;
  const ask = async () => {
    if (asking) { again = true; return; }
    asking = true;
    const query = new URLSearchParams(new FormData(form));
    query.set("sheet", matchMedia("(max-width:42rem)").matches ? "phone" : "page");
    const began = performance.now();
    try {
      const reply = await fetch("answer?" + query), text = await reply.text();
      if (reply.ok) {
        swap(text);
        state.textContent = `played and drawn in ${Math.round(performance.now() - began)} ms`;
      } else state.textContent = text;
    } catch {
      state.textContent = "no answer: is rackcast serve still running?";
    }
    asking = false;
    if (again) { again = false; ask(); }
  };
  // What a person has switched stays switched.
  const swap = (text) => {
    const old = new Map([...answer.querySelectorAll("figure.chart")].map((f) => [f.dataset.key, f]));
    const focus = document.activeElement && document.activeElement.closest(".plot");
    const open = focus && focus.closest("figure").dataset.key;
    const fresh = document.createElement("template");
    fresh.innerHTML = text;
    for (const figure of fresh.content.querySelectorAll("figure.chart")) {
      const was = old.get(figure.dataset.key);
      if (!was) continue;
      figure.className = was.className;
      const buttons = was.querySelectorAll(".tools button");
      const same = figure.querySelectorAll(".tools button");
      same.forEach((b, i) => buttons[i] && b.setAttribute("aria-pressed", buttons[i].getAttribute("aria-pressed")));
      figure.querySelector("details").open = was.querySelector("details").open;
    }
    answer.replaceChildren(fresh.content);
    if (open) {
      const again = [...answer.querySelectorAll("figure.chart")].find((f) => f.dataset.key === open);
      if (again) again.querySelector(".plot").focus({ preventScroll: true });
    }
  };
  form.addEventListener("input", () => { label(); ask(); });
  form.addEventListener("reset", () => setTimeout(() => { label(); ask(); }));
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  matchMedia("(max-width:42rem)").addEventListener("change", ask);
  label();
})();
