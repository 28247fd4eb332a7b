"""What there is outside of the cluster in memory: what a test says, or in `slipway simulate` how it will end."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from controller.act.perform import Glance
from controller.model.action import Look, ReadArtifact
from controller.model.alerts import SendAlert, Target
from controller.model.artifacts import Reading
from controller.model.dag import Revision
from controller.model.dagrun import DagRun
from controller.model.kinds import IN_TIME
from controller.model.outside import Foretold, Outside
from controller.model.pod import Pod
from controller.model.policy import Policy
from controller.model.taskrun import TaskRun
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store

Foretell = Callable[[str, int], Foretold]
"""An instance of a task and the number of an attempt -> how that ends."""


class Elsewhere:
    """Stands in for the world that sensors look at, for the artifact store, and for whoever hears of alerts."""

    def __init__(self) -> None:
        self.answer: Callable[[Look], Glance] = lambda look: (None, "nothing is there")
        """What a look sees."""
        self.looks: list[Look] = []
        """All looks so far."""
        self.artifact: Callable[[str], Reading] = lambda key: Reading(fault="does not exist")
        """What a read of a key brings."""
        self.reads: list[str] = []
        """The keys of all reads so far."""

        self.archive_log: Callable[[Pod], Awaitable[None]] = _at_once
        """Archives a Pod's log."""
        self.archived: list[str] = []
        """The Pods whose logs were to be archived, in order."""
        self.targets: dict[str, Target] = {}
        """Whom alerts may be sent to."""
        self.refusal: Callable[[SendAlert], str] = lambda alert: ""
        """Why a target does not take an alert; empty when it does."""
        self.alerts: list[SendAlert] = []
        """All alerts that were taken, in order."""

    async def archive(self, pod: Pod, now: datetime) -> None:
        """Keep what the Pod has said."""
        self.archived.append(pod.meta.name)
        await self.archive_log(pod)

    async def send(self, action: SendAlert) -> str:
        """What stood in the way of an alert."""
        target = self.targets.get(action.target)
        is_known = target is not None and target.serves(action.about.namespace)
        trouble = self.refusal(action) if is_known else f"there is no target {action.target}"
        if not trouble:
            self.alerts.append(action)
        return trouble

    async def look(self, action: Look) -> Glance:
        """What is seen."""
        self.looks.append(action)
        return self.answer(action)

    async def read(self, action: ReadArtifact) -> Reading:
        """What a read brings."""
        self.reads.append(action.key)
        return self.artifact(action.key)


async def _at_once(pod: Pod) -> None:
    """Nothing to wait for."""


class ForetellingSnapshots(Snapshots):
    """Snapshots in which every task without a Pod ends as foretold, but for `wait`, which needs nothing outside."""

    def __init__(self, store: Store, policy: Policy, awake_since: datetime, foretell: Foretell) -> None:
        super().__init__(store, policy, awake_since)
        self._foretell = foretell

    def outside(self, task_run: TaskRun, run: DagRun, revision: Revision | None) -> Outside:
        """What the task sees: how its attempt ends."""
        seen = super().outside(task_run, run, revision)
        if task_run.spec.kind not in IN_TIME or task_run.spec.kind == "wait":
            return seen
        return replace(seen, foretold=self._foretell(task_run.instance, task_run.ended_attempts + 1))
