"""Who made an object, and who wrote its spec: annotations that admission writes, and back.

    slipway.dev/created-by: ada                                       of Dags and DagRuns, as they are created
    slipway.dev/written-by: <fingerprint of the spec> bob             of Dags, at each change of the spec
    slipway.dev/may-use:    <fingerprint of the spec> loader,trainer  the service accounts that bob may use

The fingerprint ties the last two to one spec: after a change that admission did not see they say nothing. The first two
are carried to the Pods, where only names stand.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from controller.model.names import GROUP

CREATED_BY: Final = f"{GROUP}/created-by"
WRITTEN_BY: Final = f"{GROUP}/written-by"
MAY_USE: Final = f"{GROUP}/may-use"
STAMPS: Final = (CREATED_BY, WRITTEN_BY, MAY_USE)
SCHEDULER: Final = "system:slipway:scheduler"
"""Who makes the runs that no person makes. Names that begin with `system:` are Kubernetes' own."""

_HASH_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Authorship:
    """What the annotations of one object say; an empty text where they say nothing."""

    created_by: str = ""
    """Who made the object."""
    written_by: str = ""
    """A fingerprint and who wrote that spec."""
    may_use: str = ""
    """A fingerprint and the service accounts that its author may use."""

    def writer(self, spec_json: str) -> str:
        """Who wrote this spec; empty = unknown."""
        return _about(self.written_by, spec_json)

    def granted(self, spec_json: str) -> frozenset[str]:
        """The service accounts that its author may use."""
        return frozenset(filter(None, _about(self.may_use, spec_json).split(",")))

    def of_spec(self, spec_json: str) -> dict[str, str]:
        """The annotations that are about this spec, for its snapshot."""
        said = {WRITTEN_BY: self.written_by, MAY_USE: self.may_use}
        return {name: value for name, value in said.items() if _about(value, spec_json)}


NOBODY: Final = Authorship()


def authorship_in(annotations: Mapping[str, Any] | None) -> Authorship:
    """What an object's annotations say."""
    if not annotations or not any(name in annotations for name in STAMPS):
        return NOBODY
    return Authorship(*(str(annotations.get(name) or "") for name in STAMPS))


def written_by(spec_json: str, who: str) -> str:
    """The value that says who wrote this spec."""
    return f"{_fingerprint(spec_json)} {who}"


def may_use(spec_json: str, accounts: Iterable[str]) -> str:
    """The value that says which service accounts its author may use."""
    return f"{_fingerprint(spec_json)} {','.join(sorted(accounts))}"


def _about(value: str, spec_json: str) -> str:
    if not value:
        return ""
    fingerprint, _, said = value.partition(" ")
    return said if fingerprint == _fingerprint(spec_json) else ""


def _fingerprint(spec_json: str) -> str:
    return hashlib.sha256(spec_json.encode()).hexdigest()[:_HASH_LENGTH]
