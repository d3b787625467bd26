"""What every page must hold for those who hear it, use a keyboard or see little, as Chromium has drawn it."""

from playwright.sync_api import Page

_FIND_FAULTS = r"""
() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (one) => one.checkVisibility({visibilityProperty: true});
  const name = (one) => (one.getAttribute("aria-label") || one.textContent || "").trim();
  if (!document.documentElement.lang) faults.push("no language");
  if (all("h1").length !== 1) faults.push(`${all("h1").length} main headings`);
  let level = 1;
  for (const one of all("h1, h2, h3, h4")) {
    const here = Number(one.tagName[1]);
    if (here > level + 1) faults.push(`heading leaps to ${here}: ${name(one).slice(0, 40)}`);
    level = here;
  }
  const ids = all("[id]").map((one) => one.id);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place)))
    faults.push(`id twice: ${id}`);
  for (const one of all("input:not([type=hidden]), select, textarea"))
    if (!one.labels.length && !one.getAttribute("aria-label")) faults.push(`no label: ${one.name}`);
  for (const one of all("a[href], button, summary"))
    if (!name(one) && !one.querySelector("title"))
      faults.push(`no words: ${one.outerHTML.slice(0, 60)}`);
  for (const one of all("a[href^='#']"))
    if (!document.getElementById(one.getAttribute("href").slice(1)))
      faults.push(`leads nowhere: ${one.getAttribute("href")}`);
  for (const one of all("main svg"))
    if (one.getAttribute("aria-hidden") !== "true" && !one.getAttribute("aria-label"))
      faults.push("a picture without words");
  for (const one of all("table")) {
    if (!one.caption || !one.caption.textContent.trim()) faults.push("a table without caption");
    if (!one.querySelector("thead th")) faults.push("a table without heads");
  }
  for (const one of all("nav:not(.govuk-pagination)"))
    if (!one.getAttribute("aria-label")) faults.push("a navigation without name");
  for (const one of all("fieldset"))
    if (!one.querySelector("legend")) faults.push("a fieldset without legend");
  for (const one of all("[style]:not([style='']), script:not([src^='/static/'])"))
    faults.push(`style or script: ${one.outerHTML.slice(0, 80)}`);
  const luminance = (rgb) => {
    const linear = (one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const numbers = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const found = numbers(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0.99) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const told = new Set();
  for (const one of all("body *")) {
    if (one.closest("svg, .govuk-visually-hidden, .govuk-skip-link") || !shown(one)) continue;
    if (![...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim())) continue;
    const ink = numbers(getComputedStyle(one).color).slice(0, 3);
    const [light, dark] = [luminance(ink), luminance(ground(one))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const key = `${one.tagName}.${one.className}`;
    if (ratio < 4.5 && !told.has(key)) faults.push(`contrast ${ratio.toFixed(1)}: ${key}`);
    told.add(key);
  }
  return faults;
}
"""
_TOUCHED = ".menu a, .subnav a, .govuk-button, .govuk-input, .govuk-select, summary, .checks-grid label"
_FIND_SMALL = """
(touched) => [...document.querySelectorAll(touched)].filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.trim().slice(0, 30), one.getBoundingClientRect().height])
  .filter((one) => one[1] < 40)
"""


def find_page_faults(page: Page) -> list[str]:
    """Return what is wrong with headings, names, labels, ids, tables, contrast, and links within the page."""
    found: list[str] = page.evaluate(_FIND_FAULTS)
    return found


def find_small_targets(page: Page) -> list[object]:
    """Return what is to be touched and lower than a thumb needs."""
    found: list[object] = page.evaluate(_FIND_SMALL, _TOUCHED)
    return found
