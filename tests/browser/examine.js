"use strict";
/* Looks at the page in each frame the way tools for accessibility do, and writes down what it found. */
const frames = [...document.querySelectorAll("iframe")];

function channel(value) {
  value /= 255;
  return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
function luminance([red, green, blue]) {
  return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}
function numbers(colour) {
  return colour.match(/[\d.]+/g).map(Number);
}
function behind(view, element) {
  for (let each = element; each; each = each.parentElement) {
    const colour = numbers(view.getComputedStyle(each).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
}
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function look(frame) {
  const view = frame.contentWindow, page = frame.contentDocument;
  const found = { pale: [], small: [], focusable: [], unnamed: [] };
  for (const fold of page.querySelectorAll("details")) fold.open = true;
  found.overflow = page.documentElement.scrollWidth - page.documentElement.clientWidth;
  found.wider = [...page.querySelectorAll("body *")]
    .filter((each) => !each.closest(".wide *, .quietly, .skip") && each.getBoundingClientRect().right > page.documentElement.clientWidth)
    .map((each) => each.outerHTML.slice(0, 200));
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, title, .quietly, .skip")) continue;
    const style = view.getComputedStyle(element);
    if (style.visibility === "hidden" || element.getClientRects().length === 0) continue;
    const drawn = element.closest("svg text");
    const ink = numbers(drawn ? style.fill : style.color);
    const box = drawn?.closest("g")?.querySelector("rect");
    const ratio = contrast(ink, box ? numbers(view.getComputedStyle(box).fill) : behind(view, element));
    if (ratio < 4.5) found.pale.push([walker.currentNode.data.trim(), Math.round(ratio * 100) / 100]);
    if (parseFloat(style.fontSize) < 11) found.small.push(walker.currentNode.data.trim());
  }
  for (const element of page.querySelectorAll("a[href], summary, [tabindex]:not([tabindex='-1'])")) {
    if (element.getClientRects().length === 0) continue;
    element.focus();
    const name = element.getAttribute("aria-label") ?? element.textContent.trim();
    if (page.activeElement !== element) found.unnamed.push(`no focus: ${name}`);
    if (view.getComputedStyle(element).outlineStyle === "none" && !element.classList.contains("skip")) found.unnamed.push(`no outline: ${name}`);
    if (!name) found.unnamed.push(element.outerHTML);
    found.focusable.push(name);
  }
  found.background = view.getComputedStyle(page.body).backgroundColor;
  found.ran = view.wasRun === true;
  return found;
}

addEventListener("load", () => {
  document.getElementById("found").textContent = JSON.stringify(frames.map(look));
});
