"""A name in an address -> the name, or 404: a name that no object can have belongs to none. In a body it is a fault.

Nothing else may become part of a path at the API server: `a/../b` would name another object than was reviewed.
"""

import re
from typing import Annotated, Final

from fastapi import Path
from pydantic import AfterValidator, StringConstraints

from controller.web.problems import Missing

_PATTERN: Final = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"
_NAME: Final = re.compile(_PATTERN)


def checked_name(name: str) -> str:
    """The name; Missing for a text that no object of Kubernetes can be called."""
    if not _NAME.fullmatch(name):
        raise Missing(f"Nothing is called {name[:60]!r}", way_on="Names have small letters, digits, - and .")
    return name


GivenName = Annotated[str, StringConstraints(pattern=f"^{_PATTERN}$")]
"""The name of an object or a namespace in a body."""

DagName = Annotated[str, Path(description="The Dag's name."), AfterValidator(checked_name)]
RunName = Annotated[str, Path(description="The DagRun's name."), AfterValidator(checked_name)]
TaskName = Annotated[str, Path(description="The task's name."), AfterValidator(checked_name)]
RevisionName = Annotated[str, Path(description="The revision's name."), AfterValidator(checked_name)]
BackfillName = Annotated[str, Path(description="The backfill's name."), AfterValidator(checked_name)]
ApprovalName = Annotated[str, Path(description="The approval's name."), AfterValidator(checked_name)]
PoolName = Annotated[str, Path(description="The pool's name."), AfterValidator(checked_name)]
AttemptNumber = Annotated[int, Path(description="The attempt's number, from 1.", ge=1, le=1_000_000)]
