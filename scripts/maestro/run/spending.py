"""What an agent's program says that it used, where its output tells it as JSON: `claude -p` does with `--output-format json` and `stream-json`. Pure."""

from __future__ import annotations

import json
from typing import Any

from maestro.run.reports import honest

CACHED = ("cache_creation_input_tokens", "cache_read_input_tokens")
"""Input that is counted beside `input_tokens`."""


def spent_in(output: str) -> dict[str, float]:
    """Tokens and cost by the newest line of the output that is an object with `usage` or `total_cost_usd`; empty where there is none."""
    for line in reversed(output.splitlines()):
        if line.startswith("{") and ('"usage"' in line or '"total_cost_usd"' in line) and (found := _spent(line)):
            return found
    return {}


def _spent(line: str) -> dict[str, float]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    usage = data.get("usage")
    tokens: dict[str, Any] = usage if isinstance(usage, dict) else {}
    cached = sum(honest({key: tokens.get(key) for key in CACHED}).values())
    counted = honest({key: tokens.get(key) for key in ("input_tokens", "output_tokens")})
    if "input_tokens" in counted:
        counted["input_tokens"] += cached
    return counted | honest({"cost_usd": data.get("total_cost_usd")})
