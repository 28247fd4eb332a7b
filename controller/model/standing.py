"""The states of a run's instances -> looked up by instance and counted by task, in steps as small as the change.

observe keeps one for every running run; a decision reads it through `Look`, which adds what that decision finds out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from controller.model.instance import instance_id, task_and_index
from controller.model.states import TaskState


class Standing:
    """Every instance that has begun or is settled, with its state. Not thread-safe."""

    def __init__(self, states: Mapping[str, TaskState] | None = None) -> None:
        self._states: dict[str, TaskState] = {}
        self._by_task: dict[str, Counter[TaskState]] = {}
        self._next: dict[str, int] = {}
        self._holes: dict[str, set[int]] = {}
        self._totals: Counter[TaskState] = Counter()
        self._tallies: dict[str, Counter[TaskState]] = {}
        self._tallied: dict[str, list[Counter[TaskState]]] = {}
        for instance, state in (states or {}).items():
            self.put(instance, state)

    def put(self, instance: str, state: TaskState | None) -> None:
        """The instance stands so now; None = it has not begun."""
        before = self._states.get(instance)
        if before is state:
            return
        task, index = task_and_index(instance)
        for counts in (self._by_task.setdefault(task, Counter()), self._totals, *self._tallied.get(task, ())):
            if before is not None:
                _take(counts, before)
            if state is not None:
                counts[state] += 1
        if state is None:
            del self._states[instance]
            if index is not None:
                self._holes.setdefault(task, set()).add(index)
        else:
            self._states[instance] = state
            if index is not None:
                self._begin(task, index)

    def state(self, instance: str) -> TaskState | None:
        """Where the instance stands; None = it has not begun."""
        return self._states.get(instance)

    def counts(self, task: str) -> Mapping[TaskState, int]:
        """How many instances of the task stand in each state."""
        return self._by_task.get(task, {})

    def totals(self) -> Mapping[TaskState, int]:
        """How many instances of the run stand in each state."""
        return self._totals

    def tally(self, name: str, tasks: Sequence[str]) -> Mapping[TaskState, int]:
        """The counts of several tasks together, always the same ones for one name: summed once, then kept up to date.

        So a join of thousands of tasks is judged at each end of one of them without counting them all again.
        """
        found = self._tallies.get(name)
        if found is None:
            found = self._tallies[name] = Counter()
            for task in tasks:
                found.update(self._by_task.get(task, {}))
                self._tallied.setdefault(task, []).append(found)
        return found

    def states(self) -> Mapping[str, TaskState]:
        """All of them."""
        return self._states

    def unbegun(self, task: str, count: int) -> Iterator[int]:
        """The indexes below `count` of a mapped task that have not begun, in order."""
        yield from sorted(index for index in self._holes.get(task, ()) if index < count)
        yield from range(self._next.get(task, 0), count)

    def _begin(self, task: str, index: int) -> None:
        following = self._next.get(task, 0)
        if index >= following:
            skipped = range(following, index)
            if skipped:
                self._holes.setdefault(task, set()).update(skipped)
            self._next[task] = index + 1
        else:
            self._holes.get(task, set()).discard(index)


class Look:
    """A standing, and on top of it what one decision finds out."""

    def __init__(self, standing: Standing) -> None:
        self._base = standing
        self.found: dict[str, TaskState] = {}
        """What was found out, in the order of finding."""
        self._more: dict[str, Counter[TaskState]] = {}

    def find(self, instance: str, state: TaskState) -> None:
        """An instance that had not begun stands so now."""
        self.found[instance] = state
        self._more.setdefault(task_and_index(instance)[0], Counter())[state] += 1

    def forget(self, instance: str) -> None:
        """Take back what was found out about the instance."""
        _take(self._more[task_and_index(instance)[0]], self.found.pop(instance))

    def state(self, instance: str) -> TaskState | None:
        """Where the instance stands; None = it has not begun."""
        return self.found.get(instance) or self._base.state(instance)

    def counts(self, task: str) -> Mapping[TaskState, int]:
        """How many instances of the task stand in each state."""
        more = self._more.get(task)
        base = self._base.counts(task)
        return base if not more else Counter(base) + more

    def tally(self, name: str, tasks: Sequence[str]) -> Mapping[TaskState, int]:
        """The counts of several tasks together, always the same ones for one name."""
        base = self._base.tally(name, tasks)
        if not self._more:
            return base
        changed = [task for task in tasks if task in self._more]
        return sum((self._more[task] for task in changed), Counter(base)) if changed else base

    def totals(self) -> Counter[TaskState]:
        """How many instances of the run stand in each state."""
        return Counter(self._base.totals()) + Counter(self.found.values())

    def unbegun(self, task: str, count: int) -> Iterator[int]:
        """The indexes below `count` of a mapped task that have not begun, in order."""
        return (index for index in self._base.unbegun(task, count) if instance_id(task, index) not in self.found)

    def states(self) -> Mapping[str, TaskState]:
        """All of them: work for the end of a run, not for each look."""
        return {**self._base.states(), **self.found}


def _take(counts: Counter[TaskState], state: TaskState) -> None:
    counts[state] -= 1
    if not counts[state]:
        del counts[state]


def instances_of(task: str, count: int | None) -> Iterable[str]:
    """All instances of a task: itself, or `count` of them where it is mapped and that is known."""
    return (task,) if count is None else (instance_id(task, index) for index in range(count))
