"""The small files that lead from a checkout to its run and from a worktree to its checkout. They are read where git would be too slow to ask."""

from __future__ import annotations

POINTER = "maestro-run.json"
"""In a checkout's own git folder: the track whose run is active there."""

WORKTREE_POINTER = "maestro-worktree.json"
"""In a worker's worktree's git folder: the checkout of its run, and its handle."""
