"use strict";
(function () {
  const tip = document.getElementById("tip");

  function show(mark, x, y) {
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(x + 14, innerWidth - box.width - 8);
    const below = y + 16;
    const top = below + box.height > innerHeight ? y - box.height - 12 : below;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = Math.max(8, top) + "px";
  }

  function hide(figure) {
    tip.hidden = true;
    for (const mark of figure.querySelectorAll(".m.now")) mark.classList.remove("now");
  }

  // The marks tell their numbers by pointer, and by arrow keys once their figure has the focus.
  for (const figure of document.querySelectorAll("svg.fig")) {
    const marks = [...figure.querySelectorAll(".m")];
    for (const mark of marks) {
      const title = mark.querySelector(":scope > title");
      mark.dataset.tip = title.textContent;
      title.textContent = "";
    }
    figure.addEventListener("pointermove", (event) => {
      const mark = event.target.closest(".m");
      if (mark) show(mark, event.clientX, event.clientY);
      else tip.hidden = true;
    });
    figure.addEventListener("pointerleave", () => hide(figure));
    figure.addEventListener("blur", () => hide(figure));
    figure.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
      if (event.key === "Escape") return hide(figure);
      if (!(event.key in steps) || marks.length === 0) return;
      event.preventDefault();
      const now = marks.findIndex((mark) => mark.classList.contains("now"));
      const step = steps[event.key];
      const next = now < 0 ? (step > 0 ? 0 : marks.length - 1) : (now + step + marks.length) % marks.length;
      hide(figure);
      marks[next].classList.add("now");
      marks[next].scrollIntoView({ block: "nearest" });
      const box = marks[next].getBoundingClientRect();
      show(marks[next], box.left + box.width / 2, box.bottom - 8);
    });
  }

  function save(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // A figure as a file of its own: with its colours, its paper, and its numbers as titles again.
  function standingAlone(figure) {
    const copy = figure.cloneNode(true);
    for (const mark of copy.querySelectorAll(".m")) {
      mark.querySelector(":scope > title").textContent = mark.dataset.tip;
      mark.removeAttribute("data-tip");
      mark.classList.remove("now");
    }
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.removeAttribute("tabindex");
    const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
    const style = make("style");
    style.textContent = document.getElementById("figure-style").textContent;
    const paper = make("rect");
    paper.setAttribute("class", "f-paper");
    paper.setAttribute("width", "100%");
    paper.setAttribute("height", "100%");
    copy.querySelector("desc").after(style, paper);
    return new XMLSerializer().serializeToString(copy);
  }

  for (const button of document.querySelectorAll("button.save")) {
    button.addEventListener("click", () => {
      const figures = [...button.closest("figure").querySelectorAll("svg.fig")];
      const shown = figures.find((figure) => getComputedStyle(figure).display !== "none");
      save("fkbayes-" + button.dataset.figure + ".svg", "image/svg+xml", standingAlone(shown));
    });
  }
  document.getElementById("save-json").addEventListener("click", () => {
    save("fkbayes-summary.json", "application/json", document.getElementById("fkbayes-summary").textContent);
  });

  // Tables sort by a column, largest first for numbers; what is missing stays last.
  function value(row, column) {
    const cell = row.cells[column];
    if (cell.dataset.v === undefined) return cell.textContent;
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  }

  function compare(a, b) {
    if (typeof a === "string") return a.localeCompare(b);
    return a - b;
  }

  for (const button of document.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const heading = button.closest("th");
      const body = heading.closest("table").tBodies[0];
      const column = heading.cellIndex;
      const before = heading.getAttribute("aria-sort");
      const first = heading.dataset.text === undefined ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = before === first ? other : first;
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows];
      rows.sort((a, b) => {
        const [x, y] = [value(a, column), value(b, column)];
        if (x === null || y === null) return (x === null) - (y === null);
        return sign * compare(x, y);
      });
      for (const th of heading.parentNode.cells) th.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      body.append(...rows);
    });
  }
})();
