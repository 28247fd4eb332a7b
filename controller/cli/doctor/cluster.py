"""The API server, our definitions in it, the clocks, and what the caller may do."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from controller import __version__
from controller.cli.doctor.evidence import Evidence, Missing, Raw, listed, span_told
from controller.cli.doctor.finding import Finding, fail, ok, skipped, warn
from controller.cli.doctor.reading import RIGHTS
from controller.model.crd import crd
from controller.model.resources import RESOURCES

OLDEST: Final = (1, 30)
_SKEW: Final = timedelta(seconds=5)
_UPGRADE: Final = "upgrade the release and this command to one version; `helm upgrade` brings the definitions along"


def cluster(evidence: Evidence) -> Iterator[Finding]:
    """The API server answers and is new enough."""
    told = str(evidence.version.get("gitVersion") or "unknown")
    numbers = tuple(int("".join(filter(str.isdigit, evidence.version.get(part) or "")) or 0) for part in _PARTS)
    if numbers < OLDEST:
        yield fail("cluster", f"Kubernetes {told} is too old", "upgrade the cluster to 1.30 or newer")
    else:
        yield ok("cluster", f"Kubernetes {told} answers")


_PARTS: Final = ("major", "minor")


def clock(evidence: Evidence) -> Iterator[Finding]:
    """The caller's clock is that of the API server: times in the output of commands are worked out with it."""
    if evidence.server_time is None:
        yield skipped("clock", "The API server does not tell its time")
        return
    skew = abs(evidence.now - evidence.server_time)
    if skew > _SKEW:
        way = "behind" if evidence.now < evidence.server_time else "ahead"
        yield warn(
            "clock",
            f"This machine's clock is {span_told(skew)} {way} of the API server's",
            "synchronise the clocks of this machine and of the control plane, by NTP for instance",
        )
    else:
        yield ok("clock", "This machine and the API server agree on the time")


def crds(evidence: Evidence) -> Iterator[Finding]:
    """Every resource definition is there and says what this version says."""
    missing = [name for name, each in evidence.crds.items() if isinstance(each, Missing) and not each.is_forbidden]
    if missing:
        fix = "install the chart with crds.install=true, or `kubectl apply --server-side -f crds/`"
        yield fail("crds", f"There is no definition of {listed(missing)}", fix)
    if any(isinstance(each, Missing) and each.is_forbidden for each in evidence.crds.values()):
        yield _served(evidence)
    different = [
        f"{name} ({difference})"
        for name, found in evidence.crds.items()
        if not isinstance(found, Missing) and (difference := _difference(our_definitions()[name], found))
    ]
    if different:
        yield fail("crds", f"Definitions differ from those of version {__version__}: {listed(different)}", _UPGRADE)
    waiting = [name for name, found in evidence.crds.items() if not isinstance(found, Missing) and not _is_up(found)]
    if waiting:
        yield fail("crds", f"The API server has not taken up {listed(waiting)}", "look at its conditions by kubectl")
    present = sum(not isinstance(found, Missing) for found in evidence.crds.values())
    if present == len(evidence.crds) and not different and not waiting:
        yield ok("crds", f"{present} definitions are those of version {__version__}")


def rights(evidence: Evidence) -> Iterator[Finding]:
    """What the caller may do of everyday work."""
    lacking = [words for words, allowed in evidence.rights.items() if allowed is False]
    unknown = [words for words, allowed in evidence.rights.items() if isinstance(allowed, Missing)]
    if unknown:
        yield skipped("rights", f"The API server does not say whether you may {listed(unknown)}")
    if lacking:
        fix = "ask for a role that is bound to slipway's edit or view rights, or name a namespace with -n"
        yield warn("rights", f"You may not {listed(lacking, 5)}", fix)
    elif not unknown:
        yield ok("rights", f"You may do everyday work: {len(RIGHTS)} rights")


def _served(evidence: Evidence) -> Finding:
    """What can be said of definitions that the caller may not read."""
    if isinstance(evidence.kinds, Missing):
        return fail("crds", "The API server serves no kind of slipway.dev", "install the chart")
    absent = sorted({resource.plural for resource in RESOURCES} - evidence.kinds)
    if absent:
        return fail("crds", f"The API server does not serve {listed(absent)}", _UPGRADE)
    return skipped("crds", "All kinds are served; you may not read their definitions, so they were not compared")


@functools.cache
def our_definitions() -> Mapping[str, Raw]:
    """The definitions of this version by name; to build them takes a while."""
    definitions = [crd(resource) for resource in RESOURCES]
    return {each["metadata"]["name"]: each for each in definitions}


def _is_up(found: Raw) -> bool:
    conditions = (found.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def _difference(ours: Raw, found: Raw) -> str:
    """Where the definition first differs; empty where it does not. What the API server fills in itself is no matter."""
    expected, actual = ours["spec"], found.get("spec") or {}
    for field in ("group", "scope"):
        if expected[field] != actual.get(field):
            return field
    names = [name for name, value in expected["names"].items() if actual.get("names", {}).get(name) != value]
    if names:
        return f"names.{names[0]}"
    by_name = {version["name"]: version for version in actual.get("versions") or ()}
    for version in expected["versions"]:
        place = _first_difference(version, by_name.get(version["name"], {}), f"versions.{version['name']}")
        if place:
            return place
    return ""


def _first_difference(ours: Any, found: Any, place: str) -> str:
    """The first place at which what we say is not there, or something is there besides; empty = none.

    The API server stores no empty mapping, such as the properties of an object that has none.
    """
    if ours == {} and found is None:
        return ""
    if isinstance(ours, Mapping) and isinstance(found, Mapping):
        strangers = sorted(set(found) - set(ours)) if place.count(".") > _FILLED_IN else []
        if strangers:
            return f"{place}.{strangers[0]}"
        differences = (_first_difference(ours[key], found.get(key), f"{place}.{key}") for key in ours)
        return next(filter(None, differences), "")
    if _is_list(ours) and _is_list(found) and len(ours) == len(found):
        pairs = enumerate(zip(ours, found, strict=True))
        differences = (_first_difference(one, other, f"{place}[{number}]") for number, (one, other) in pairs)
        return next(filter(None, differences), "")
    return "" if ours == found else place


_FILLED_IN: Final = 2
"""Down to versions.NAME.schema the API server may add fields of its own; below, each word is a rule for objects."""


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
