"""Tells a used-up quota or a rate limit from a failure of the work."""

from __future__ import annotations

import re

_QUOTA = re.compile(
    r"rate[ _-]?limit|too many requests|\b429\b|quota (?:exceeded|reached|exhausted)|usage limit|insufficient[ _]quota|overloaded_error|\b529\b|credit balance is too low|limit reached",
    re.IGNORECASE,
)


def looks_like_quota(output: str) -> bool:
    """True when the end of a worker's output speaks of a limit of the model's service."""
    return bool(_QUOTA.search(output))
