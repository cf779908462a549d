"""Git for those who only look: what it has to write, such as the trees of a trial merge, goes to a folder that is thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from maestro.git.checkout import Checkout


def throwaway_objects(checkout: Checkout, objects: Path) -> Mapping[str, str]:
    """The environment in which git reads the checkout's repository and writes new objects to the folder `objects`."""
    known = str(checkout.common_dir / "objects")
    if ":" in known or known.startswith('"'):
        known = '"' + known.replace("\\", "\\\\").replace('"', '\\"') + '"'  # the list of alternates is separated by colons
    return {"GIT_OBJECT_DIRECTORY": str(objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": known}
