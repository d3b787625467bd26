"""What is asked of each page: axe-core, and by script what axe-core does not see."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from playwright.sync_api import Page

AXE_TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_REFLOW_PX: Final = 320
"""WCAG 1.4.10: 1280 pixels at 400 %."""
_TABS_COUNT_MAX: Final = 25
_AXE: Final = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: {type: "tag", values: tags},
    rules: {"target-size": {enabled: true}},
    resultTypes: ["violations"],
    elementRef: false,
  });
  const why = (node) => ([...node.any, ...node.all, ...node.none][0] || {}).message || "";
  return found.violations.flatMap((one) => one.nodes.slice(0, 3).map((node) => ({
    rule: one.id, says: `${one.help}: ${node.target.join(" ")}: ${why(node)}`,
  })));
}"""
_SIDEWAYS: Final = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    const is_out = box.width && (box.right > width + 1 || box.left < -1);
    return is_out && one.checkVisibility() && !one.closest(".govuk-visually-hidden");
  });
  return [`${document.documentElement.scrollWidth} px wide in ${width}: `
    + (wide.slice(-1)[0] || document.body).outerHTML.slice(0, 120)];
}"""
_CLIPPED: Final = """() => [...document.querySelectorAll("main *")].filter((one) => {
    const style = getComputedStyle(one);
    return style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
      && one.checkVisibility();
  }).slice(0, 3).map((one) => `text cut off: ${one.outerHTML.slice(0, 120)}`)"""
_USUAL_PX, _FIXED_PX = 16, 13
"""What a browser's letters are as it is installed."""
_FOCUS: Final = """() => {
  const faults = [];
  const can = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  for (const one of document.querySelectorAll(can)) {
    if (one.tabIndex > 0) faults.push(`tabindex ${one.tabIndex}: ${one.outerHTML.slice(0, 100)}`);
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({visibilityProperty: true})) continue;
    const look = () => {
      const s = getComputedStyle(one);
      return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.borderColor]
        .join();
    };
    one.blur();
    const before = look();
    one.focus({focusVisible: true, preventScroll: true});
    if (document.activeElement === one && look() === before)
      faults.push(`focus is not seen: ${one.outerHTML.slice(0, 100)}`);
    one.blur();
  }
  return faults.slice(0, 5);
}"""
_PLACE: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const all = [...document.querySelectorAll("*")];
  const box = one.getBoundingClientRect();
  const under = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {place: all.indexOf(one), group: one.type === "radio" ? one.name : "",
    is_hidden: !!under && !one.contains(under) && !under.contains(one) && !under.closest("label"),
    html: one.outerHTML.slice(0, 100)};
}"""
_SUMMARY: Final = """() => {
  const summary = document.querySelector(".govuk-error-summary");
  if (!summary) return [];
  const faults = [];
  const links = [...summary.querySelectorAll("a")];
  if (!links.length) faults.push("the error summary leads nowhere");
  for (const link of links) {
    const id = (link.getAttribute("href") || "").replace(/^#/, "");
    const field = document.getElementById(id);
    const inputs = "input, select, textarea";
    if (!field) { faults.push(`the error summary leads to #${id}, which is not there`); continue; }
    if (!field.matches(inputs) && !field.querySelector(inputs))
      faults.push(`the error summary leads to #${id}, which is no field`);
    if (field.matches(inputs)) {
      const ids = (field.getAttribute("aria-describedby") || "").split(" ");
      const told = ids.map((one) => document.getElementById(one));
      if (!told.some((one) => one && one.matches(".govuk-error-message")) && !field.closest("fieldset"))
        faults.push(`field #${id} does not say its fault`);
    }
  }
  if (!document.title.match(/./)) faults.push("no title");
  return faults;
}"""
_SMALL: Final = """() => [
    ...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary"),
  ].filter((one) => one.checkVisibility({visibilityProperty: true}))
  .filter((one) => {
    // What nobody sees nobody aims at: such a button is pressed by the enter key in a field.
    if (one.closest(".govuk-skip-link, .govuk-visually-hidden, svg, pre")) return false;
    const label = one.labels && one.labels[0];
    const is_ticked = one.type === "radio" || one.type === "checkbox";
    const box = (label && is_ticked ? label : one).getBoundingClientRect();
    if (box.width >= 23.5 && box.height >= 23.5) return false;
    // WCAG 2.5.8: a target in a sentence, or within a cell's text, may be as high as its line.
    const texts = "p, li, td, th, dd, dt, caption, label, summary, legend, figcaption, h2, h3";
    const {display} = getComputedStyle(one);
    const is_in_text = display.startsWith("inline") && display !== "inline-flex";
    return !(one.parentElement.closest(texts) && is_in_text);
  }).slice(0, 5).map((one) => `small target: ${one.outerHTML.slice(0, 100)}`)"""


class Fault(msgspec.Struct, frozen=True):
    """Something wrong with a page. check: which one of `CHECKS` found it."""

    check: str
    says: str


CHECKS: Final = {
    "axe": "axe-core, WCAG 2.2 A and AA",
    "reflow": "320 pixels wide: nothing scrolls sideways (1.4.10)",
    "text": "text at 200 %: nothing scrolls sideways or is cut off (1.4.4)",
    "focus": "the focus is seen, not covered, and goes in the page's order (2.4.3, 2.4.7, 2.4.11)",
    "summary": "the summary of errors leads to its fields, which say them, too (3.3.1)",
    "targets": "targets are 24 pixels or stand in a line of text (2.5.8)",
    "frame": "title, heading, language and direction are the page's (2.4.2, 3.1.1)",
}


def find_faults(page: Page, axe: str, language: str, direction: str) -> list[Fault]:
    """Return what is wrong with the page that is open, in `language`. axe: the script of axe-core."""
    found = [
        *_told("axe", _run_axe(page, axe)),
        *_told("frame", _frame_faults(page, language, direction)),
        *_told("summary", page.evaluate(_SUMMARY)),
        *_told("targets", page.evaluate(_SMALL)),
        *_told("focus", page.evaluate(_FOCUS)),
        *_told("focus", _order_faults(page)),
    ]
    size = page.viewport_size
    _grow(page, 2)
    found += [*_told("text", page.evaluate(_SIDEWAYS)), *_told("text", page.evaluate(_CLIPPED))]
    _grow(page, 1)
    page.set_viewport_size({"width": _REFLOW_PX, "height": 640})
    found += _told("reflow", page.evaluate(_SIDEWAYS))
    if size is not None:
        page.set_viewport_size(size)
    return found


def _grow(page: Page, times: int) -> None:
    """Make letters larger, as a reader does in the browser's settings: lengths in rem follow."""
    debugger = page.context.new_cdp_session(page)
    sizes = {"standard": _USUAL_PX * times, "fixed": _FIXED_PX * times}
    debugger.send("Page.setFontSizes", {"fontSizes": sizes})
    debugger.detach()


def _run_axe(page: Page, axe: str) -> list[str]:
    # By the debugger, which the page's policy of content does not bind: the page stays as it is served.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {axe} }}")
    violations: list[dict[str, str]] = page.evaluate(_AXE, list(AXE_TAGS))
    return [f"{one['rule']}: {one['says']}" for one in violations]


def _frame_faults(page: Page, language: str, direction: str) -> Iterator[str]:
    html = page.locator("html")
    seen = (html.get_attribute("lang"), html.get_attribute("dir"))
    if seen != (language, direction):
        yield f"language and direction are {seen}, not {(language, direction)}"
    said, _, name = page.title().rpartition(" · ")
    if not said.strip() or name != "Serai":
        yield f"the title {page.title()!r} says no state of affairs"
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} main headings"


def _order_faults(page: Page) -> Iterator[str]:
    """Go through the page by the Tab key, as far as is worth it, and say where the order leaps back."""
    page.evaluate("() => { document.activeElement && document.activeElement.blur(); window.scrollTo(0, 0); }")
    last = -1
    for count in range(_TABS_COUNT_MAX):
        page.keyboard.press("Tab")
        here: dict[str, Any] | None = page.evaluate(_PLACE)
        if here is None or (count and here["place"] == last):
            break
        if here["place"] < last:
            yield f"the focus leaps back to {here['html']}"
            break
        if here["is_hidden"]:
            yield f"what has the focus is covered: {here['html']}"
        last = here["place"]


def _told(check: str, texts: Any) -> list[Fault]:
    return [Fault(check, text) for text in texts]
