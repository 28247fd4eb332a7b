"""An object as it was and as it is to be, and who asks -> the annotations of authorship that it must have. Pure.

What users write there themselves is overwritten. See `model/authorship.py` for what they mean.
"""

from collections.abc import Mapping
from typing import Any

from controller.model.authorship import (
    CREATED_BY,
    MAY_USE,
    STAMPS,
    WRITTEN_BY,
    authorship_in,
    may_use,
    written_by,
)
from controller.model.dag import canonical_json

Raw = Mapping[str, Any]
Stamps = dict[str, str | None]
"""Annotations to be set, or with None removed."""


def spec_of(raw: Raw | None) -> str:
    """A Dag's spec as text, as the controller keeps it: without `paused`; empty where there is no Dag."""
    if raw is None:
        return ""
    spec = raw.get("spec")
    return canonical_json(
        {name: value for name, value in spec.items() if name != "paused"} if isinstance(spec, Mapping) else {}
    )


def run_stamps(old: Raw | None, who: str) -> Stamps:
    """Of a run: who made it, which no change alters."""
    return {CREATED_BY: _kept(old).get(CREATED_BY) if old is not None else who}


def dag_stamps(old: Raw | None, new: Raw, who: str, granted: frozenset[str]) -> Stamps:
    """Of a Dag: besides who made it, who wrote the spec, and the accounts of it that they may use."""
    spec_json, kept = spec_of(new), _kept(old)
    if old is None or spec_of(old) != spec_json:
        stamps: Stamps = {WRITTEN_BY: written_by(spec_json, who)}
    else:
        stamps = {WRITTEN_BY: kept.get(WRITTEN_BY)}
        before = authorship_in(kept).granted(spec_json)
        granted = granted if granted >= before else before  # who says the same again may only add to it
    stamps[MAY_USE] = may_use(spec_json, granted) if granted else None
    return run_stamps(old, who) | stamps


def changed(stamps: Stamps, raw: Raw) -> Stamps:
    """Those of the annotations that the object does not have as they must be."""
    present = _annotations(raw)
    return {name: value for name, value in stamps.items() if present.get(name) != value}


def _kept(old: Raw | None) -> dict[str, str]:
    return {name: value for name, value in _annotations(old or {}).items() if name in STAMPS}


def _annotations(raw: Raw) -> Mapping[str, Any]:
    return (raw.get("metadata") or {}).get("annotations") or {}
