"""`slipway watch RUN`: a run -> one line for each change of its tasks' states and its own, until it ends."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from controller.cli.waiting import Asked, Cluster, Raw, patiently, pause_after, saying_of, state_of, task_runs_of, wait
from controller.model.instance import instance_id
from controller.model.metadata import Key
from controller.model.states import RUN_FINAL
from controller.model.timestamps import format_time


def watch(asked: Asked) -> int:
    """Print the changes; the exit code is that of `slipway wait`."""
    return wait(asked, lambda cluster, key: Changes(cluster, key).tell)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Changes:
    """Prints what differs from the look before. A run of many tasks is looked at less often."""

    def __init__(self, cluster: Cluster, key: Key, now: Callable[[], datetime] = _now) -> None:
        self._cluster = cluster
        self._key = key
        self._now = now
        self._said: dict[str, str] = {}
        self._next_list_at = 0.0

    async def tell(self, run: Raw) -> None:
        """Look at the run as it is now, and at its tasks."""
        if time.monotonic() >= self._next_list_at or state_of(run) in RUN_FINAL:
            task_runs = await patiently(lambda: task_runs_of(self._cluster, self._key))
            self._next_list_at = time.monotonic() + pause_after(len(task_runs))
            for raw in task_runs:
                self._say(instance_id(raw["spec"]["task"], raw["spec"].get("index")), _standing(raw))
        self._say(f"run/{self._key.name}", saying_of(run))

    def _say(self, name: str, saying: str) -> None:
        if self._said.get(name) != saying:
            print(f"{format_time(self._now())}   {name}   {saying}", flush=True)
            self._said[name] = saying


def _standing(task_run: Raw) -> str:
    """A task's state, its attempt from the second on, and why it waits or failed."""
    status = task_run.get("status") or {}
    state, attempt = status.get("state") or "Scheduled", status.get("try") or 0
    waits = status.get("waitingFor") or ()
    why = waits[0]["message"] if waits else status.get("message") if state not in ("Running", "Success") else None
    return state + (f" (try {attempt})" if attempt > 1 else "") + (f": {why}" if why else "")
