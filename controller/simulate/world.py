"""A cluster in memory, its kubelet and a controller in virtual time -> whatever becomes of what is put into it.

The controller is the real one: store, snapshots, deciders, loop and performer. `run` lets it work until nothing is due,
then moves the clock to the next instant at which a timer or a Pod has something to do, and so on.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from controller.act.alerts import Posting
from controller.act.perform import Eyes, Library, Performer
from controller.loop import Loop
from controller.model.action import Kind
from controller.model.policy import Policy
from controller.observe.parse import observed_type, parse
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.simulate.clock import VirtualClock
from controller.simulate.cluster import InMemoryCluster, Raw
from controller.simulate.kubelet import Kubelet, Workload
from controller.simulate.outside import Elsewhere
from controller.simulate.session import Session

Event = tuple[Kind, str, Raw]
"""A watch event: the kind, `ADDED`, `MODIFIED` or `DELETED`, and the object."""
TakeSnapshots = Callable[[Store, datetime], Snapshots]
"""Takes a store and the time at which a controller begins to watch."""
MAX_TURNS: Final = 1_000_000
"""More turns than any story needs: the controller goes round in circles."""


class Controller:
    """One life of a controller, and all that a restart forgets."""

    def __init__(self, cluster: InMemoryCluster, clock: VirtualClock, take: TakeSnapshots, looks: Elsewhere) -> None:
        self.store = Store()
        self.session = Session(cluster)
        self.snapshots = take(self.store, clock.now)
        eyes, library = Eyes(looks, self.store.sighted), Library(looks, self.store.artifacts.put)
        performer = Performer(self.session, self._observe, eyes, library, looks)
        self.store.alerts.know(looks.targets)
        posting = Posting(performer.perform, looks, self.store.alerts.tried)
        self.loop = Loop(self.store, self.snapshots, posting.perform, clock)

    def receive(self, event: Event) -> None:
        """Take a watch event into the store."""
        kind, type_, raw = event
        observed = parse(kind, raw)
        if observed is None:
            return
        if type_ == "DELETED":
            self.store.remove(observed)
        else:
            self.store.put(observed)

    def list_all(self, cluster: InMemoryCluster) -> None:
        """Compare a full list of every kind with the store."""
        for kind in Kind:
            listed = (parse(kind, raw) for raw in cluster.all_of(kind))
            objects = [observed for observed in listed if observed is not None]
            self.store.replace_all(observed_type(kind), objects, cluster.version)

    def _observe(self, kind: Kind, raw: Raw) -> None:
        self.receive((kind, "MODIFIED", raw))


class World:
    """Everything that one story plays in."""

    def __init__(self, workload: Workload, policy: Policy | None = None, clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.policy = policy or Policy(default_task_image="image")
        self.cluster = InMemoryCluster(self.clock)
        self.kubelet = Kubelet(self.cluster, self.clock, workload)
        self.watch: Callable[[Event], Iterable[Event]] = lambda event: (event,)
        """What of an event reaches the controller: nothing where it is lost, twice where it is doubled."""
        self.pace: Callable[[], int | None] = lambda: None
        """How many events reach it before it decides again; None = all that there are."""
        self.take: TakeSnapshots = lambda store, awake_since: Snapshots(store, self.policy, awake_since)
        """How the next controller takes its snapshots."""
        self.elsewhere = Elsewhere()
        """What sensors look at."""
        self._undelivered: deque[Event] = deque()
        self.cluster.watchers.append(lambda kind, type_, raw: self._undelivered.append((kind, type_, raw)))
        self.controller = Controller(self.cluster, self.clock, self.take, self.elsewhere)
        self.restart()

    def restart(self) -> None:
        """Kill the controller, whatever it is at, and start another one from a full list."""
        self.controller.session.kill()
        self._undelivered.clear()
        self.controller = Controller(self.cluster, self.clock, self.take, self.elsewhere)
        self.controller.list_all(self.cluster)
        self.controller.store.mark_all()

    def resync(self) -> None:
        """List everything anew and look at all of it, as the controller does now and then."""
        self._undelivered.clear()
        self.controller.list_all(self.cluster)
        self.controller.store.mark_all()

    async def run(self, until: datetime | None = None, done: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until nothing is left to happen, until it is `until`, or until `done`."""
        for _ in range(MAX_TURNS):
            await self.settle()
            at = self._next_at()
            if done() or self.controller.session.is_killed:
                return
            if at is None or (until is not None and at > until):
                break
            self.clock.move_to(at)
        else:
            raise AssertionError(f"after {MAX_TURNS:,} turns there is still something to do")
        if until is not None:
            self.clock.move_to(until)

    async def settle(self) -> None:
        """Let everything happen that happens at this instant."""
        for _ in range(MAX_TURNS):
            self.kubelet.work()
            self.deliver(self.pace())
            self.controller.loop.turn()
            await asyncio.sleep(0)
            if self.controller.session.is_killed or self._is_quiet:
                return
        raise AssertionError(f"after {MAX_TURNS:,} turns of one instant there is still something to do")

    def deliver(self, most: int | None = None) -> None:
        """Hand the watch events on that have gathered, or the first `most` of them."""
        for _ in range(len(self._undelivered) if most is None else min(most, len(self._undelivered))):
            for event in self.watch(self._undelivered.popleft()):
                self.controller.receive(event)

    @property
    def _is_quiet(self) -> bool:
        touched_at = self.kubelet.next_at
        rests = touched_at is None or touched_at > self.clock.now
        return rests and not self._undelivered and self.controller.loop.is_quiet

    def _next_at(self) -> datetime | None:
        times = (self.kubelet.next_at, self.controller.loop.next_at)
        return min((at for at in times if at is not None), default=None)
