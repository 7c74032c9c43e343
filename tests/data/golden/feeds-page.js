/* <!-- generator: feeds --> Copying, filtering and choosing on the pages of the feeds. They work without it, too. */
"use strict";

const { copy, copied } = document.body.dataset;
const said = document.getElementById("said");

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// --- copying ---

/* Browsers give the clipboard to pages of https only; elsewhere the old way still works. */
async function write(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text);
  }
  const field = element("textarea", { value: text, readOnly: true });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) {
    throw new Error("copying is not allowed");
  }
}

let fading = 0;

async function copyAddress(url) {
  const focused = document.activeElement;
  try {
    await write(url);
    said.textContent = `${copied} ${url}`;
  } catch {
    prompt(copy, url);
  }
  focused?.focus();
  clearTimeout(fading);
  fading = setTimeout(() => { said.textContent = ""; }, 4000);
}

function copyButton(url, name) {
  const button = element("button", { type: "button" }, copy);
  button.setAttribute("aria-label", `${copy}: ${name}`);
  button.addEventListener("click", () => copyAddress(url));
  return button;
}

/* The addresses that people read have their Chinese in letters; copied are those of the head, which every reader takes. */
for (const code of document.querySelectorAll(".formats code")) {
  const { type, textContent } = code.previousElementSibling;
  code.after(copyButton(document.querySelector(`link[rel=alternate][type="${type}"]`).href, textContent));
}

// --- the front door ---

/* Spellings that mean the same: full-width and half-width, upper and lower case, with and without spaces or dashes. */
function fold(text) {
  return text.normalize("NFKC").toUpperCase().toLowerCase().replace(/[\s\p{Pd}_·・]+/gu, "");
}

function frontDoor({ site, base, formats, words }) {
  const groups = [...document.querySelectorAll(".group")].map((section) => ({
    section,
    kind: section.querySelector("h2").firstChild.textContent.trim(),
    rows: [...section.querySelectorAll(".feeds > li")].map((row) => {
      const link = row.querySelector("a");
      return { row, name: link.textContent, folder: new URL(link.getAttribute("href"), base), key: fold(link.textContent) };
    }),
  }));
  const all = groups.flatMap((group) => group.rows);
  const byRow = new Map(all.map((feed) => [feed.row, feed]));
  const chosen = new Set();
  const form = document.querySelector(".filter");
  const [field, found, button] = ["filter", "found", "chosen"].map((id) => document.getElementById(id));
  const address = (feed, file) => new URL(file, feed.folder).href;

  /* A row gets its buttons when it comes near the screen: of thousands, few ever do. */
  function dress(feed) {
    const box = element("input", { type: "checkbox", checked: chosen.has(feed) });
    box.setAttribute("aria-label", words.choose.replace("{}", () => feed.name));
    box.addEventListener("change", () => { choose([feed], box.checked); });
    feed.box = box;
    const links = formats.map(([label, file]) => {
      const link = element("a", { href: address(feed, file) }, label);
      link.setAttribute("aria-label", `${feed.name} ${label}`);
      return link;
    });
    feed.row.prepend(box);
    feed.row.append(element("span", {}, ...links, copyButton(address(feed, formats[0][1]), feed.name)));
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) {
        watcher.unobserve(target);
        dress(byRow.get(target));
      }
    }
  }, { rootMargin: "800px" });

  function choose(feeds, isChosen) {
    for (const feed of feeds) {
      chosen[isChosen ? "add" : "delete"](feed);
      if (feed.box) {
        feed.box.checked = isChosen;
      }
    }
    button.disabled = chosen.size === 0;
    button.textContent = words.chosen.replace("{}", chosen.size);
  }

  function filter() {
    const wanted = fold(field.value);
    let count = 0;
    for (const { section, rows } of groups) {
      let inGroup = 0;
      for (const feed of rows) {
        const isThere = feed.key.includes(wanted);
        inGroup += isThere;
        if (feed.row.hidden === isThere) {
          feed.row.hidden = !isThere;
        }
      }
      section.hidden = inGroup === 0;
      count += inGroup;
    }
    found.textContent = wanted ? words.found.replace("{}", count) : "";
  }

  const escaped = (text) => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);

  function opml() {
    const outline = (feed) => {
      const title = escaped(`${feed.name} · ${site}`);
      const [xml, html] = [address(feed, formats[0][1]), feed.folder.href].map(escaped);
      return `<outline type="rss" text="${title}" title="${title}" xmlUrl="${xml}" htmlUrl="${html}"/>\n`;
    };
    const body = groups.map(({ kind, rows }) => {
      const outlines = rows.filter((feed) => chosen.has(feed)).map(outline);
      return outlines.length ? `<outline text="${escaped(kind)}">\n${outlines.join("")}</outline>\n` : "";
    });
    return `<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n<head><title>${escaped(site)}</title></head>\n`
      + `<body>\n${body.join("")}</body>\n</opml>\n`;
  }

  function download() {
    const href = URL.createObjectURL(new Blob([opml()], { type: "text/x-opml" }));
    element("a", { href, download: "feeds.opml" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  }

  all.forEach((feed) => watcher.observe(feed.row));
  field.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  button.addEventListener("click", download);
  document.getElementById("all").addEventListener("click", () => choose(all.filter((feed) => !feed.row.hidden), true));
  document.getElementById("none").addEventListener("click", () => choose(all, false));
  choose([], true);
  form.hidden = false;
  filter();
}

const told = document.getElementById("told");
if (told) {
  frontDoor(JSON.parse(told.textContent));
}
