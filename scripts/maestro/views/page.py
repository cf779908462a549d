"""The frame of a page that people open from their disk: one file, no network, light and dark, readable on a phone and by a screen reader."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from maestro.views.cells import one_line

TEMPLATES = Path(__file__).with_name("templates")

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a page may do: nothing that a title in it could make it do, and no network. Styles stand in the page itself."""


def page(title: str, body: str, style: str = "", *, before: str = "", script: str = "") -> str:
    """A whole document. `title` is plain text, `body` is HTML, `style` is added to the style that all our pages share.

    before: HTML that stands in front of the main part, such as navigation
    script: the one script that may run, and then may ask the page's own server
    """
    return template("page.html").substitute(
        title=escape(one_line(title)),
        body=body,
        style=read("page.css") + style,
        before=before,
        policy=escape(f"{POLICY}; script-src '{_hash(script)}'; connect-src 'self'" if script else POLICY),
        script=f"<script>{script}</script>\n" if script else "",
    )


def template(name: str) -> Template:
    """A document of ours with places to fill, `$name`."""
    return Template(read(name))


def read(name: str) -> str:
    """The text of a template, as it stands."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """The script by its content, as a policy names it: no other one runs."""
    import base64
    import hashlib

    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
