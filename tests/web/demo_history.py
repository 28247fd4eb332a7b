"""A world -> a rich made-up history in it: several Dags in two namespaces with runs in every state."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from controller.decide.backfill.slots import timetable_of
from controller.decide.calendar import Slot, Timetable
from controller.decide.calendar.ranges import Stretch, slots_between
from controller.model.action import Kind
from controller.model.asked import asked_annotation
from controller.model.dag import canonical_json
from controller.model.metadata import Key
from controller.model.names import LABEL_BACKFILL, revision_name
from controller.model.timestamps import format_time
from tests.web.demo_dags import Made, all_dags
from tests.web.demo_people import tell_people
from tests.web.demo_tasks import RunTasks
from tests.web.demo_world import Json, World, owned_by

_PAST: Final = timedelta(days=300)


def tell_history(world: World) -> None:
    """Write everything that has happened until now."""
    for made in all_dags():
        text = canonical_json(made.spec)
        _DagStory(world, made, revision_name(made.name, text), timetable_of(text)).tell()
    tell_people(world)
    world.clock.told = None


@dataclass
class _DagStory:
    """One Dag and its runs."""

    world: World
    made: Made
    revision: str
    timetable: Timetable | None

    def tell(self) -> None:
        world, made = self.world, self.made
        created = world.now - timedelta(days=60)
        key = Key(made.namespace, made.name)
        dag = world.put(Kind.DAG, key, {"spec": {**made.spec, "paused": made.paused}}, {}, created)
        owner = owned_by("Dag", dag)
        for name, spec, at in self._revisions(created):
            labels = {"slipway.dev/dag": made.name}
            world.put(Kind.REVISION, Key(made.namespace, name), {"data": spec}, {}, at, labels=labels, **owner)
        slots = self._slots()
        runs = [self._run(number, slots[number], owner) for number in reversed(range(len(slots)))]
        world.cluster.patch_status(Kind.DAG, key, self._status(runs))

    def _revisions(self, created: datetime) -> Iterator[tuple[str, Json, datetime]]:
        made = self.made
        if made.fault:
            return
        older = {**made.spec, "description": "As it was before", "tasks": made.spec["tasks"][:-1] or made.spec["tasks"]}
        yield revision_name(made.name, canonical_json(older)), older, created
        yield self.revision, made.spec, created + timedelta(days=30)

    def _status(self, runs: list[dict[str, Any]]) -> Json:
        made = self.made
        reason, message = made.fault or ("Valid", "The Dag is valid")
        ready = {
            "type": "Ready",
            "status": "False" if made.fault else "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": format_time(self.world.now - timedelta(hours=3)),
        }
        active = sum(run["status"]["state"] in ("Queued", "Running") for run in runs)
        status: dict[str, Any] = {"observedGeneration": 1, "conditions": [ready], "activeRuns": active}
        if made.schedule:
            status["schedule"] = made.schedule
        if "assets" in made.spec.get("schedule", {}):
            status["assets"] = {"waitsFor": ["orders", "rates", "s3://lake/prices"]}
        if not made.fault:
            status |= {"revision": self.revision, "taskCount": len(made.spec["tasks"])}
            coming = self.timetable.first_due_after(self.world.now) if self.timetable is not None else None
            if coming is not None and not made.paused:
                status["nextRun"] = format_time(coming.run_after)
        if runs:
            status |= {"lastRun": runs[-1]["metadata"]["name"], "lastState": runs[-1]["status"]["state"]}
        return status

    def _slots(self) -> Sequence[Slot]:
        """What the runs are about, the newest first."""
        made, now = self.made, self.world.now
        if self.timetable is None:
            steps = (now - number * timedelta(hours=7) for number in range(made.runs))
            return [Slot(at, at, at, at) for at in (step.replace(second=0, microsecond=0) for step in steps)]
        back = slots_between(self.timetable, Stretch(now - _PAST, now, now, backwards=True), None)
        kept = (slot for number, slot in enumerate(back) if number not in made.without)
        return list(islice(kept, made.runs))

    def _run(self, number: int, slot: Slot, owner: Json) -> dict[str, Any]:
        world, made = self.world, self.made
        logical = slot.logical_date
        begun = min(slot.run_after + timedelta(seconds=4), world.now - timedelta(seconds=50))
        spec = self._run_spec(number, slot)
        scheduled = spec["runType"] == "scheduled"
        asked: dict[str, Any] = {} if scheduled else {"annotations": asked_annotation("trigger", "alice", begun)}
        if made.name == "orders" and 17 <= number <= 19:
            asked["labels"] = {LABEL_BACKFILL: "orders-fix-0"}
        key = Key(made.namespace, f"{made.name}-{logical:%Y%m%dt%H%M%S}"[-63:].strip("-"))
        run = world.put(Kind.DAG_RUN, key, {"spec": spec}, {}, begun, **owner, **asked)
        unfinished = number == 0 and made.live
        outcome = RunTasks(world, made, key.name, owned_by("DagRun", run), begun, unfinished).tell()
        status = {
            "observedGeneration": 1,
            "state": outcome.state,
            "revision": self.revision,
            "params": json.dumps(spec["params"]),
            "startedAt": format_time(begun),
            "tasks": f"{outcome.ended}/{outcome.total}",
            "counts": outcome.counts,
            "settled": {"upstreamFailed": outcome.settled},
            "failedTasks": outcome.failed[:20],
        }
        if not unfinished:
            status["finishedAt"] = format_time(outcome.until)
        if outcome.failed:
            status |= {"reason": "TasksFailed", "message": f"Task {outcome.failed[0]} failed after its last attempt"}
        world.clock.told = outcome.until
        return world.cluster.patch_status(Kind.DAG_RUN, key, status)

    def _run_spec(self, number: int, slot: Slot) -> dict[str, Any]:
        is_scheduled = self.timetable is not None and number % 9 != 4
        run_type, logical = "scheduled" if is_scheduled else "manual", slot.logical_date
        spec: dict[str, Any] = {
            "dagRef": {"name": self.made.name},
            "runType": run_type,
            "logicalDate": format_time(logical),
            "runId": f"{run_type}__{logical.isoformat()}",
            "params": {} if is_scheduled else {"day": "monday"},
        }
        if is_scheduled:
            spec |= {"intervalStart": format_time(slot.start), "intervalEnd": format_time(slot.end)}
        if number % 13 == 5:
            spec["note"] = "Run again after the source was late"
        return spec
