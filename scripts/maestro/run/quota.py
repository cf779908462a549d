"""Tells a used-up quota or a rate limit from a failure of the work."""

from __future__ import annotations

import re

_QUOTA = re.compile(
    r"rate[ _-]?limit|too many requests|\b429\b|\b529\b|overloaded_error|limit reached"
    r"|quota (?:exceeded|reached|exhausted)|insufficient[ _]quota|usage limit|credit balance is too low",
    re.IGNORECASE,
)


def looks_like_quota(output: str) -> bool:
    """True when the end of a worker's output speaks of a limit of the model's service."""
    return bool(_QUOTA.search(output))
