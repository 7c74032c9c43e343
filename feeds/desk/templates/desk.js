// <!-- generator: feeds --> The editor's desk: filter, sort, copy. The pages say all they know without it.
"use strict";

const words = document.body.dataset;
const voice = document.getElementById("said");

// -- copy

function copyButton(code) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.copy;
  button.setAttribute("aria-label", `${words.copy}: ${code.textContent.slice(0, 80)}`);
  button.addEventListener("click", () => copy(code, button));
  code.after(button);
}

async function copy(code, button) {
  let isDone = true;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Without a secure connection there is no clipboard: mark the text, and let the old command try.
    getSelection().selectAllChildren(code);
    isDone = document.execCommand("copy");
  }
  const said = isDone ? words.copied : words.failed;
  button.textContent = said;
  voice.textContent = said;
  setTimeout(() => {
    button.textContent = words.copy;
    voice.textContent = "";
  }, 2000);
}

document.querySelectorAll("code.copy").forEach(copyButton);

// -- filter and sort the citations

const form = document.getElementById("filter");

if (form) {
  const fields = form.elements;
  const groups = [...document.querySelectorAll("#found .group")].map((section) => ({
    section,
    verdict: section.getAttribute("aria-labelledby"),
    lists: [...section.querySelectorAll(":scope > ol, :scope > details > ol")].map((list) => ({
      list,
      fold: list.closest("details"),
      rows: [...list.children].map((row, place) => ({ row, place, text: row.textContent.toLowerCase() })),
    })),
  }));
  const all = groups.reduce((sum, group) => sum + group.lists.reduce((count, list) => count + list.rows.length, 0), 0);
  const byText = (key) => (one, two) => key(one).localeCompare(key(two));
  const orders = {
    "": () => 0,
    oldest: byText((one) => one.row.dataset.d),
    path: byText((one) => one.row.querySelector("code").textContent),
    source: byText((one) => one.row.dataset.s),
    distance: (one, two) => (two.row.dataset.n || 0) - (one.row.dataset.n || 0),
  };

  function filter() {
    const wanted = fields.text.value.trim().toLowerCase().split(/\s+/);
    const verdict = fields.verdict.value;
    const source = fields.source.value;
    const isNarrow = Boolean(fields.text.value.trim() || verdict || source);
    let shown = 0;
    for (const group of groups) {
      const isMeant = !verdict || verdict === group.verdict;
      let inGroup = 0;
      for (const { fold, rows } of group.lists) {
        let inList = 0;
        for (const { row, text } of rows) {
          const fits = isMeant && (!source || row.dataset.s === source) && wanted.every((word) => text.includes(word));
          if (row.hidden === fits) row.hidden = !fits;
          inList += fits;
        }
        if (fold) {
          fold.hidden = !inList;
          fold.open = isNarrow && inList > 0;
        }
        inGroup += inList;
      }
      group.section.hidden = !inGroup;
      shown += inGroup;
    }
    const count = (number) => number.toLocaleString("en");
    fields.count.textContent = form.dataset.shown.replace("{count}", count(shown)).replace("{all}", count(all));
  }

  function sort() {
    const order = orders[fields.order.value];
    for (const group of groups) {
      for (const { list, rows } of group.lists) {
        list.append(...[...rows].sort((one, two) => order(one, two) || one.place - two.place).map(({ row }) => row));
      }
    }
  }

  let waiting;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target === fields.order) return;
    clearTimeout(waiting);
    waiting = setTimeout(filter, event.target === fields.text ? 120 : 0);
  });
  fields.order.addEventListener("change", sort);
  // A browser may keep what was chosen when the page is loaded again.
  filter();
  if (fields.order.value) sort();
}

// -- sort tables

function sortTable(head, column) {
  const table = head.closest("table");
  const body = table.tBodies[0];
  const isText = column === 0;
  const was = head.getAttribute("aria-sort");
  const isDown = was ? was === "ascending" : !isText;
  table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  const value = (row) => (isText ? row.cells[0].textContent.trim() : Number(row.cells[column].textContent));
  const order = (one, two) => (isText ? value(one).localeCompare(value(two)) : value(one) - value(two));
  body.append(...[...body.rows].sort((one, two) => (isDown ? order(two, one) : order(one, two))));
}

document.querySelectorAll("table.sortable").forEach((table) => {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortTable(head, column));
    head.append(button);
  });
});
