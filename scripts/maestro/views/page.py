"""The frame of a page that people open from their disk: one file, no network, light and dark, readable on a phone and by a screen reader."""

from __future__ import annotations

from html import escape

from maestro.views.cells import one_line

STYLE = """\
:root { color-scheme: light dark; --ink: #1f2328; --pale: #59636e; --line: #d1d9e0; --back: #ffffff; --soft: #f6f8fa; --mark: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --pale: #9198a1; --line: #3d444d; --back: #0d1117; --soft: #151b23; --mark: #4493f8; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th { color: var(--pale); font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.bar { min-width: 8rem; }
.bar span { display: block; height: .7rem; margin-top: .4rem; background: var(--mark); }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; }
@media (max-width: 40rem) { .bar { display: none; } }
li { overflow-wrap: anywhere; }
"""


def page(title: str, body: str, style: str = "") -> str:
    """A whole document. `title` is plain text, `body` is HTML, `style` is added to the style that all our pages share."""
    shown = escape(one_line(title))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{shown}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n<h1>{shown}</h1>\n{body}\n</main>\n</body>\n</html>"
    )
