"use strict";
/* Asks for the page again, and puts in what has changed: what is open stays open, what has the focus keeps it. */
const shown = new Map();
let tag = "";

function fill(fresh) {
  document.title = fresh.title;
  document.querySelector("h1").textContent = fresh.title;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const old = document.querySelector(`[data-part="${name}"]`);
    if (old === null || shown.get(name) === part.innerHTML) continue;
    shown.set(name, part.innerHTML);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...old.querySelectorAll("details[open]")].map((each) => each.id);
    const places = [...old.querySelectorAll("[tabindex]")].map((each) => [each.scrollLeft, each.scrollTop]);
    old.replaceChildren(...part.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    [...old.querySelectorAll("[tabindex]")].forEach((each, number) => places[number] && each.scrollTo({ left: places[number][0], top: places[number][1], behavior: "instant" }));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

async function look() {
  const note = document.getElementById("connection");
  try {
    const answer = await fetch(location.pathname, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.ok) {
      tag = answer.headers.get("ETag") ?? "";
      fill(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
    const words = answer.ok || answer.status === 304 ? "" : await answer.text();
    if (note.textContent !== words) note.textContent = words;
  } catch {
    if (!note.textContent) note.textContent = "The server has ended. This is how it looked last.";
  }
  setTimeout(look, document.hidden ? 10000 : 1000);
}

for (const part of document.querySelectorAll("[data-part]")) shown.set(part.dataset.part, part.innerHTML);
setTimeout(look, 1000);
