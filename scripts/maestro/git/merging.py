"""From a worker's snapshot to the user's branch, one step after the other: try the merge, commit the candidate where nobody works, land it.

Each step is a module of its own; this is their common front.
"""

from maestro.git.integration import commit_candidate, integration_at
from maestro.git.landing import commit_paths, land
from maestro.git.trial import ConflictFile, Trial, trial_merge

__all__ = ["ConflictFile", "Trial", "commit_candidate", "commit_paths", "integration_at", "land", "trial_merge"]
