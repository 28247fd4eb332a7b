"""Settings -> the parts of a scheduler process, wired in one place; running.py sets them going."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from controller.act.alert_targets import read_targets
from controller.act.alerts import AlertSender, Posting
from controller.act.artifacts import StoredArtifacts
from controller.act.collecting import Collecting
from controller.act.logs import LogKeeper
from controller.act.perform import Eyes, Library, Looks, Performer
from controller.election import Election
from controller.installed import own_namespace, policy_of
from controller.kube import Kube
from controller.loop import Loop
from controller.metastore.writer import MetastoreWriter
from controller.model.action import Kind
from controller.model.names import LABEL_DAG, LABEL_TASK
from controller.model.timestamps import format_time
from controller.observe.due import Question
from controller.observe.feeders import FED_KINDS
from controller.observe.informer import Informer
from controller.observe.parse import parse
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.observe.tables import Observed
from controller.settings import Settings

STUCK_SECONDS: Final = 60
"""A loop that has not gone round for so long is not alive."""

_INFORMED: Final = {Kind.POD: LABEL_TASK, Kind.TASK_RUN: "", Kind.REVISION: LABEL_DAG}
"""The kinds at task rate, which our own informer watches, and the label that makes an object ours."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass
class Scheduler:
    """Everything that one scheduler process is made of."""

    settings: Settings
    kube: Kube
    store: Store
    loop: Loop
    informers: list[Informer]
    fed: list[Informer]
    """Lists of the kinds that kopf feeds: at the start, and now and then to find deletions that kopf missed."""
    metastore: MetastoreWriter
    collecting: Collecting
    alerts: AlertSender
    election: Election | None = None
    """The competition with other replicas; None = there are none, and this one leads."""
    synced: bool = False
    """Whether everything has been listed once: from then on a standby could take over."""
    decides: bool = False
    """Whether this replica leads, has seen what the last leader did, and decides."""

    def receive(self, kind: Kind, type_: str | None, raw: dict[str, Any]) -> None:
        """Take an event or an answer into the store."""
        parsed = parse(kind, raw)
        if parsed is None:
            return
        if type_ == "DELETED":
            self.store.remove(parsed)
        else:
            self.store.put(parsed)

    def not_alive(self) -> str | None:
        """Why the process should be restarted."""
        silent = (now() - self.loop.turned_at).total_seconds()
        return f"the loop has not gone round for {silent:.0f} s" if self.decides and silent > STUCK_SECONDS else None

    def not_ready(self) -> str | None:
        """Why it could not take up work, as the leader or as a standby."""
        if not self.synced:
            return "the first lists are not complete"
        return self.election.trouble if self.election is not None else None

    def not_deciding(self) -> str | None:
        """Why it takes up no work."""
        return None if self.decides else self.not_ready() or "another replica leads"

    def counts(self) -> dict[str, Any]:
        """What was done so far, for tests and benchmarks."""
        return {
            "now": format_time(now()),
            "requests": dict(self.kube.requests),
            "decisions": {question.value: count for question, count in self.loop.decisions.items()},
            "lists": {informer.kind.value: informer.lists for informer in (*self.informers, *self.fed)},
            "objects": {
                "dags": len(self.store.tables.dags),
                "runs": len(self.store.tables.runs),
                "taskRuns": len(self.store.tables.task_runs),
                "pods": len(self.store.tables.pods),
            },
            "metastore": {
                "healthy": self.metastore.healthy,
                "pending": self.metastore.pending,
                "lagSeconds": round(self.metastore.lag, 3),
            },
            "election": self.election.told() if self.election is not None else None,
        }

    def record_from_here(self) -> None:
        """Let the metastore follow every change of the store."""

        def record(observed: Observed, gone: bool) -> None:
            if gone:
                self.metastore.deleted(observed, by=self.collecting.take(observed.meta.uid))
            else:
                self.metastore.observed(observed)

        self.store.listen(record)
        self.metastore.start()

    def record_all(self) -> None:
        """Let the metastore have everything that lives, and end the rows of everything else."""
        known = self.store.tables
        work = (known.dags, known.revisions, known.runs, known.task_runs, known.pods)
        live = [each for table in (*work, known.pools, known.backfills, known.approvals) for each in table.values()]
        for observed in live:
            self.metastore.observed(observed)
        self.metastore.reconcile_start([each.meta.uid for each in live], self.settings.namespaces or None)

    def wake(self) -> None:
        """Ask every question anew, as at the start of a process: also those about what has ended."""
        self.store.due.rests = False
        self.store.mark_all()
        tables = self.store.tables
        self.store.due.mark(Question.RUN, tables.runs)
        self.store.due.mark(Question.TASK, tables.task_runs)
        self.store.due.mark(Question.BACKFILL, tables.backfills)


def build(
    settings: Settings, kube: Kube, looks: Looks, keeper: LogKeeper | None, election: Election | None = None
) -> Scheduler:
    """The parts, joined; nothing runs yet."""
    store = Store()
    store.due.rests = True
    policy = policy_of(settings, own_namespace())
    metastore = MetastoreWriter(settings.database_url, on_committed=lambda committed: None)
    scheduler: Scheduler

    def observe(kind: Kind, raw: dict[str, Any]) -> None:
        scheduler.receive(kind, None, raw)

    snapshots = Snapshots(store, policy, awake_since=now(), is_recorded=metastore.is_recorded)
    library = Library(StoredArtifacts(settings.artifacts_read_from), store.artifacts.put)
    performer = Performer(kube, observe, Eyes(looks, store.sighted), library, keeper)
    collecting = Collecting(performer.perform)
    alerts = AlertSender(settings.alerts_folder)
    store.alerts.know(read_targets(settings.alerts_folder))
    posting = Posting(collecting.perform, alerts, store.alerts.tried)
    loop = Loop(store, snapshots, posting.perform, now)
    spaces: tuple[str | None, ...] = settings.namespaces or (None,)
    scheduler = Scheduler(
        settings=settings,
        kube=kube,
        store=store,
        loop=loop,
        informers=[Informer(kube, store, kind, space, label) for kind, label in _INFORMED.items() for space in spaces],
        fed=[Informer(kube, store, kind, space) for kind in FED_KINDS for space in spaces],
        metastore=metastore,
        collecting=collecting,
        alerts=alerts,
        election=election,
    )
    return scheduler
