"""Debian's Chromium, without a window: pages are opened and asked what they really look like."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support import LONG
from waiting import join

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def dump(url: str, *, dark: bool = False, milliseconds: int = 4000, width: int = 1600) -> str:
    """The document as it stands after its scripts have run for so long (of the browser's own time, which it may take faster)."""
    assert PROGRAM is not None
    look = [f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--window-size={width},1200", f"--virtual-time-budget={milliseconds}"]
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [PROGRAM, *FLAGS, f"--user-data-dir={profile}", *look, "--dump-dom", url]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=LONG, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@contextmanager
def served(pages: dict[str, list[str]]) -> Iterator[str]:
    """Serve each path's documents one after the other, the last one for ever; an empty one closes the connection. Gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = pages.get(self.path.partition("?")[0])
            text = known.pop(0) if known and len(known) > 1 else known[0] if known else None
            if text == "":
                self.close_connection = True
                return
            body = (text or "").encode()
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            join(thread)


def examine(page: str, widths: Sequence[int], *, dark: bool = False) -> list[dict[str, Any]]:
    """What `examine.js` finds out about a page that is shown so wide, for each width."""
    script = Path(__file__).with_name("examine.js").read_text(encoding="utf-8")
    frames = "".join(f'<iframe src="/page" width="{width}" height="900" style="border:0"></iframe>' for width in widths)
    harness = f'<!doctype html>{frames}<pre id="found"></pre><script>{script}</script>'
    with served({"/": [harness], "/page": [page]}) as address:
        text = dump(f"{address}/", dark=dark)
    found = re.search(r'<pre id="found">(.*?)</pre>', text, re.DOTALL)
    assert found is not None and found[1], text[:2000]
    result = json.loads(html.unescape(found[1]))
    assert isinstance(result, list)
    return result
