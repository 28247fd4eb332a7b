"""A run whose tasks moved -> the runs after it by logical date, and the tasks of them that may have waited for that."""

from collections.abc import Iterator

from controller.model.dagrun import SETTLED_AS, DagRun
from controller.model.metadata import Key
from controller.observe.tables import Tables, dag_key


def following(tables: Tables, run: DagRun) -> Iterator[Key]:
    """The runs that this one may be the one before of, where their Dag has tasks that depend on the run before."""
    runs = tables.runs_of(dag_key(run))
    for key in runs.following(run.meta.key):
        later = tables.runs[key]
        revision = tables.revisions.get(Key(key.namespace, later.status.revision or ""))
        if revision is not None and revision.uses_past:
            yield key


def newly_settled(old: DagRun, new: DagRun) -> frozenset[str]:
    """The tasks whose instances are settled otherwise than before, without a TaskRun."""
    before, now = old.status.settled, new.status.settled
    if before is now or before == now:
        return frozenset()
    texts = (frozenset(getattr(before, field)) ^ frozenset(getattr(now, field)) for field in SETTLED_AS)
    return frozenset(text.partition("[")[0] for each in texts for text in each)
