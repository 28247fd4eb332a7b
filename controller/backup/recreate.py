"""Resources of a backup -> the same ones in a cluster, with new uids, and nothing in them begins anew.

1. Pools, Dags, revisions, backfills, runs, TaskRuns, Approvals, owners first; each gets its status at once.
   A Dag is paused until all is done. A run or backfill that had not ended stays paused: its Pods are gone, and a person
   has to say whether it goes on.
2. The ids of asset updates that Dags have noted are those of the new TaskRuns.
3. Dags that were not paused are not paused any more.

What is there already is left as it is; runs find their Dag by its name. Each object tells in an annotation which one it
stands for, so the same command again goes on where it was broken off.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, Final, Protocol

from controller.backup.file import Section
from controller.backup.manifests import HELD, is_unfinished, manifest_of, status_of, without_authorship
from controller.backup.rows import Told
from controller.errors import AlreadyExists, Refused
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import ANNOTATION_RESTORED_FROM

AT_ONCE: Final = 20

Raw = dict[str, Any]


class Api(Protocol):
    """What is needed of a session with the API server."""

    async def get(self, kind: Kind, key: Key) -> Raw:
        """The object."""

    async def create(self, kind: Kind, namespace: str, body: Mapping[str, Any]) -> Raw:
        """The object as it was created."""

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> Raw:
        """The object after its status changed."""

    async def patch(self, kind: Kind, key: Key, patch: Any) -> Raw:
        """The object after a merge patch."""


@dataclass
class Recreation:
    """What has become of the resources so far."""

    kube: Api
    told: Told
    uids: dict[str, str] = field(default_factory=dict)
    """Old uid -> new uid, of what is there again, by us or by somebody else."""
    created: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    """What was there already, or whose owner is not there, by kind."""
    unsigned: int = 0
    """How many objects say that the caller made them, as the API server lets nobody name another."""
    unfinished: list[str] = field(default_factory=list)
    """Runs and backfills that stay paused."""
    _going_on: set[str] = field(default_factory=set)
    """Old uids of runs and backfills that an earlier try has restored and somebody has let go on, and of all theirs."""
    _dags: list[tuple[Key, bool, tuple[str, ...]]] = field(default_factory=list)
    """The Dags that we made: whether each was paused, and what it had noted."""

    async def recreate(self, lines: Iterable[tuple[Section, Raw]]) -> None:
        """Make all of them; one of errors.py when the API server does not let that be."""
        for section, group in groupby(lines, key=lambda line: line[0]):
            kind, objects = Kind(section.name), (line[1] for line in group)
            while some := list(islice(objects, AT_ONCE)):
                await asyncio.gather(*(self._make(kind, raw) for raw in some))
                self.told(kind.value, self.created[kind.value])
        for key, was_paused, noted in self._dags:
            await self._let_go(key, was_paused, noted)

    async def _make(self, kind: Kind, raw: Raw) -> None:
        owners = [owner["uid"] for owner in raw["metadata"].get("ownerReferences") or ()]
        if not all(owner in self.uids for owner in owners):
            self.left[kind.value] += 1
            return
        answer, is_ours = await self._created(kind, raw)
        if not is_ours:
            self.left[kind.value] += 1
            if kind is Kind.DAG:  # its runs find it by its name
                self.uids[raw["metadata"]["uid"]] = answer["metadata"]["uid"]
            return
        self.uids[raw["metadata"]["uid"]] = answer["metadata"]["uid"]
        self.created[kind.value] += 1
        if self._goes_on(kind, raw, answer, owners):
            return
        await self._give_status(kind, raw, answer)
        if kind is Kind.DAG:
            self._dags.append((_key(raw), raw["spec"].get("paused") is True, _noted(raw)))
        if kind in (Kind.DAG_RUN, Kind.BACKFILL):
            await self._steady(kind, raw)

    async def _created(self, kind: Kind, raw: Raw) -> tuple[Raw, bool]:
        """The object, and whether it is the one that stands for this."""
        manifest, space = manifest_of(kind, raw, self.uids), raw["metadata"]["namespace"]
        try:
            return await self.kube.create(kind, space, manifest), True
        except Refused:
            # Where a policy guards it, nobody but the controller may say that another one made an object.
            unsigned = without_authorship(manifest)
            if unsigned == manifest:
                raise
            answer = await self.kube.create(kind, space, unsigned)
            self.unsigned += 1
            return answer, True
        except AlreadyExists:
            there = await self.kube.get(kind, _key(raw))
            annotations = there["metadata"].get("annotations") or {}
            return there, annotations.get(ANNOTATION_RESTORED_FROM) == raw["metadata"]["uid"]

    def _goes_on(self, kind: Kind, raw: Raw, answer: Raw, owners: Iterable[str]) -> bool:
        """Whether it has all that is its own since an earlier try: it is not held any more, or what owns it is not.

        What belongs to a run that had ended may still lack its status, as such a run is not held for long.
        """
        is_let_go = kind in HELD and answer["spec"].get("paused") is not True
        follows = any(owner in self._going_on for owner in owners) and kind not in HELD
        if follows or (is_let_go and is_unfinished(kind, raw)):
            self._going_on.add(raw["metadata"]["uid"])
        return is_let_go or follows

    async def _give_status(self, kind: Kind, raw: Raw, answer: Raw) -> None:
        status = status_of(kind, raw)
        if status:
            version = int(answer["metadata"]["resourceVersion"])
            await self.kube.patch_status(kind, _key(raw), status, version)

    async def _steady(self, kind: Kind, raw: Raw) -> None:
        """A run that has ended gets its own `paused` back, now that its status keeps it from beginning."""
        if is_unfinished(kind, raw):
            self.unfinished.append(f"{kind.value} {_key(raw)}")
        elif raw["spec"].get("paused") is not True:
            await self.kube.patch(kind, _key(raw), {"spec": {"paused": None}})

    async def _let_go(self, key: Key, was_paused: bool, noted: Sequence[str]) -> None:
        renamed = list(self._renamed(noted))
        if renamed != list(noted):
            there = await self.kube.get(Kind.DAG, key)
            version = int(there["metadata"]["resourceVersion"])
            await self.kube.patch_status(Kind.DAG, key, {"assets": {"noted": renamed}}, version)
        if not was_paused:
            await self.kube.patch(Kind.DAG, key, {"spec": {"paused": None}})

    def _renamed(self, noted: Sequence[str]) -> Iterator[str]:
        for each in noted:
            uid, slash, attempt = each.partition("/")
            yield f"{self.uids.get(uid, uid)}{slash}{attempt}"


def _noted(raw: Raw) -> tuple[str, ...]:
    assets = (raw.get("status") or {}).get("assets") or {}
    return tuple(assets.get("noted") or ())


def _key(raw: Raw) -> Key:
    return Key(raw["metadata"]["namespace"], raw["metadata"]["name"])
