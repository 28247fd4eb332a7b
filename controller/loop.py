"""Due questions -> decisions (deciding.py) -> actions: the one place where observe, decide and act meet.

One decision at a time for each object: while its actions run, a new mark only says to look again afterwards. Actions of
a decision run in their order, neighbours of one kind at once. What fails is asked again later, from what is true then.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final

from controller.act.perform import Perform
from controller.act.refusal import pod_refusal
from controller.aside import Aside, BesideAction
from controller.deciding import Decider
from controller.errors import Conflict, NameTaken, NotFound, NotLeading, Refused, Unavailable
from controller.log import Logger
from controller.model.action import Action, CreatePod, CreateTaskRun, Decision, DirectTask, Kind, Tell, WriteStatus
from controller.observe.asked_about import asked_about, fields_of_due
from controller.observe.due import Due, Question
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.timers import Timers

Clock = Callable[[], datetime]

_FIRST_RETRY: Final = timedelta(milliseconds=200)
_LONGEST_RETRY: Final = timedelta(seconds=60)
_TASKS_AT_ONCE: Final = 20
"""TaskRuns that are created before the gate looks at them; as many as requests usually run at once."""

_TURNS: Final = frozenset({Kind.DAG, Kind.DAG_RUN, Kind.POOL, Kind.BACKFILL})
"""Kinds whose counts are written in turns, and not at each change."""

_TOLD_OWNERS: Final = frozenset({Question.DAG, Question.RUN, Question.TASK, Question.BACKFILL})
"""Questions about objects that create others."""

_log = Logger(__name__)


class Loop:
    """The scheduler: decides what is due, for as long as it runs."""

    def __init__(self, store: Store, snapshots: Snapshots, perform: Perform, clock: Clock) -> None:
        self._store = store
        self._decider = Decider(store, snapshots)
        self._perform = perform
        self._clock = clock
        self._awake = asyncio.Event()
        self._busy: set[Due] = set()
        self._again: set[Due] = set()
        self._failures: dict[Due, int] = {}
        self._timers = Timers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._aside = Aside(perform, clock, self._timers.wake)
        self.decisions: Counter[Question] = Counter()
        """Decisions made, by question."""
        self.failed: Counter[Question] = Counter()
        """Decisions that failed, or whose actions did, by question."""
        self.turned: Callable[[float], None] = lambda seconds: None
        """Called with the seconds that each turn took."""
        self.turned_at = clock()
        """When the loop last went round."""
        store.due.on_mark = self._awake.set

    async def run(self) -> None:
        """Decide for ever."""
        while True:
            await self._wait()
            self.turn()
            await asyncio.sleep(0)  # let answers and events in, so that an instant is judged whole

    async def stop(self) -> None:
        """Break off what is done beside: the next start does it anew. A Pod whose log is being kept stays held."""
        await self._aside.stop()

    def turn(self) -> None:
        """Decide everything that is due now."""
        now, begun = self._clock(), perf_counter()
        self.turned_at = now
        for waited in self._timers.come(now):
            self._store.due.add(waited)
        while (due := self._store.due.pop()) is not None:
            self._look(due, now)
        self.turned(perf_counter() - begun)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is due or being done."""
        return not self._busy and not self._store.due and self._aside.is_quiet

    @property
    def next_at(self) -> datetime | None:
        """When something is looked at again at the latest; None when nothing waits for its time."""
        return self._timers.next_at

    async def _wait(self) -> None:
        """Until something is marked, the next timer is due, or a second has passed, so that the loop shows life."""
        if not self._store.due:
            next_at = self._timers.next_at
            left = (next_at - self._clock()).total_seconds() if next_at is not None else 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), timeout=max(0.0, min(1.0, left)))
        self._awake.clear()

    def _look(self, due: Due, now: datetime) -> None:
        if due in self._busy:
            self._again.add(due)
            return
        try:
            decision = self._decide(due, now)
        except Exception:  # a bug of ours: this question is set aside for a while, the others go on
            _log.exception("decision failed", **fields_of_due(due, self._store.tables))
            self._fail(due, None)
            return
        if decision.wake_at is not None:
            self._timers.wake(due, decision.wake_at)
        else:
            self._timers.drop(due)
        actions = self._in_foreground(due, decision.actions)
        if not actions:
            self._failures.pop(due, None)
        if actions:
            self._busy.add(due)
            if any(isinstance(action, CreateTaskRun | DirectTask) for action in actions):
                self._store.hold(due.key)  # at once, as the gate is asked next: it is to see what they make of tasks
            self._spawn(self._carry_out(due, actions))

    def _decide(self, due: Due, now: datetime) -> Decision:
        self.decisions[due.question] += 1
        return self._decider.decide(due, now)

    def _in_foreground(self, due: Due, actions: Iterable[Action]) -> list[Action]:
        """The actions that somebody waits for; the others are begun aside."""
        foreground: list[Action] = []
        for action in actions:
            if isinstance(action, BesideAction):
                self._aside.begin(due, action)
            else:
                foreground.append(action)
        return foreground

    async def _carry_out(self, due: Due, actions: list[Action]) -> None:
        failure: Exception | None = None
        try:
            for kind, same in itertools.groupby(actions, key=type):
                if kind is CreateTaskRun:
                    failure = await self._create_tasks(due, list(same))
                else:
                    failure = await self._do_at_once(list(same))
                if failure is not None:
                    break
        finally:
            self._busy.discard(due)
            if due.question is Question.RUN:
                self._store.let_go(due.key)
        if failure is None:
            self._failures.pop(due, None)
        else:
            self._fail(due, failure)
        if due in self._again:
            self._again.discard(due)
            if not isinstance(failure, Unavailable):  # then it is asked again in its time
                self._store.due.add(due)
        self._awake.set()

    async def _create_tasks(self, due: Due, creates: list[Action]) -> Exception | None:
        """Create tasks that became ready together, in their order.

        The gate does not see the run until a batch is complete: whose create is answered first must not decide which
        task is. One task that can't be created does not keep back the others.
        """
        failure: Exception | None = None
        for place in range(0, len(creates), _TASKS_AT_ONCE):
            self._store.hold(due.key)
            failure = await self._do_at_once(creates[place : place + _TASKS_AT_ONCE]) or failure
            self._store.let_go(due.key)
        return failure

    async def _do_at_once(self, actions: list[Action]) -> Exception | None:
        """Do all of them; the first that failed tells how."""
        if len(actions) == 1:  # nearly always, and a task of asyncio's own would cost more than the rest of this
            return await self._do(actions[0])
        failures = await asyncio.gather(*(self._do(action) for action in actions))
        return next((failure for failure in failures if failure is not None), None)

    async def _do(self, action: Action) -> Exception | None:
        """Do it; the error tells that it could not be done."""
        try:
            await self._perform(action, self._clock())
        except Exception as error:
            if isinstance(action, CreatePod):
                self._pod_failed(action, error)
            return error
        if isinstance(action, WriteStatus) and action.kind in _TURNS:
            self._store.status_written(action.meta, self._clock())
        return None

    def _pod_failed(self, action: CreatePod, error: Exception) -> None:
        """Refused, the task gives back what it took of the limits and waits anew.

        It keeps that where the API server did not answer: the same Pod is tried again, with the back-off of a failure.
        """
        key = action.task_run.key
        if isinstance(error, Refused | NameTaken):
            refusal = pod_refusal(error, self._store.line.refusals.get(key), self._clock())
            self._store.start_failed(key, refusal)

    def _fail(self, due: Due, error: Exception | None) -> None:
        """Ask again later: soon for what the world will sort out, ever later for what goes on failing."""
        if due.question is Question.RUN and due.key in self._store.tables.runs:
            self._store.changed[due.key] = None
        if due.question is Question.TASK:
            self._store.sights.drop(due.key)
        self.failed[due.question] += 1
        count = self._failures[due] = self._failures.get(due, 0) + 1
        wait = min(_LONGEST_RETRY, _FIRST_RETRY * 2 ** min(count - 1, 12))
        match error:
            case None:
                pass
            case Unavailable(retry_after_seconds=float(seconds)):
                wait = max(wait, timedelta(seconds=seconds))
            case Conflict() | NotFound() | NotLeading() | Unavailable():
                _log.info("asked again", error=str(error), **fields_of_due(due, self._store.tables))
            case NameTaken() | Refused():
                self._tell_owner(due, error)
                _log.warning("refused", error=str(error), **fields_of_due(due, self._store.tables))
            case _:
                _log.error("action failed", exc_info=error, **fields_of_due(due, self._store.tables))
        self._timers.wake(due, self._clock() + wait)

    def _tell_owner(self, due: Due, error: NameTaken | Refused) -> None:
        """What can't be created is told where its user looks: as an Event of what wants it."""
        found = asked_about(due, self._store.tables)
        if found is not None and due.question in _TOLD_OWNERS:
            kind, owner = found
            self._aside.begin(due, Tell(kind, owner.meta, type(error).__name__, str(error), warning=True))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
