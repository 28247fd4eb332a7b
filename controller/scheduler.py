"""Settings -> the running scheduler: feeders, store, loop, metastore and probes, wired in one place."""

import asyncio
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from controller.act.artifacts import StoredArtifacts
from controller.act.eyes import real_looks
from controller.act.logs import LogKeeper
from controller.act.perform import Eyes, Library, Looks, Performer
from controller.crash import crash_hook
from controller.errors import SlipwayError
from controller.kube import Connection, Kube, load_connection
from controller.log_keeping import kept_logs
from controller.loop import Loop
from controller.metastore.writer import MetastoreWriter
from controller.model.action import Kind
from controller.model.names import LABEL_DAG, LABEL_TASK
from controller.model.policy import Policy
from controller.observe.feeders import FED_KINDS, KopfThread
from controller.observe.informer import Informer
from controller.observe.parse import parse
from controller.observe.snapshots import Snapshots
from controller.observe.store import Store
from controller.observe.tables import Observed
from controller.probes import serve_probes
from controller.pulse import beat_on
from controller.settings import Settings

STUCK_SECONDS: Final = 60
"""A loop that has not gone round for so long is not alive."""

_INFORMED: Final = {Kind.POD: LABEL_TASK, Kind.TASK_RUN: "", Kind.REVISION: LABEL_DAG}
"""The kinds at task rate, which our own informer watches, and the label that makes an object ours."""

_log = structlog.get_logger(__name__)


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
    synced: bool = False

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
        return f"the loop has not gone round for {silent:.0f} s" if self.synced and silent > STUCK_SECONDS else None

    def not_ready(self) -> str | None:
        """Why no work is taken up yet."""
        return None if self.synced else "the first lists are not complete"

    def counts(self) -> dict[str, Any]:
        """What was done so far, for tests and benchmarks."""
        return {
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
        }

    def record_from_here(self) -> None:
        """Let the metastore follow every change of the store."""

        def record(observed: Observed, gone: bool) -> None:
            if gone:
                self.metastore.deleted(observed)
            else:
                self.metastore.observed(observed)

        self.store.listen(record)
        self.metastore.start()

    def live_uids(self) -> list[str]:
        """The uids of everything that has rows of its own."""
        known = self.store.tables
        work = (known.dags, known.revisions, known.runs, known.task_runs, known.pods)
        tables = (*work, known.pools, known.backfills, known.approvals)
        return [observed.meta.uid for table in tables for observed in table.values()]


def build(settings: Settings, kube: Kube, looks: Looks, keeper: LogKeeper | None) -> Scheduler:
    """The parts, joined; nothing runs yet."""
    store = Store()
    policy = Policy(
        default_task_image=settings.default_task_image,
        parallelism=settings.parallelism,
        keep_slots_after=timedelta(seconds=settings.keep_slots_after_seconds),
        artifacts=settings.artifact_store,
    )
    scheduler: Scheduler

    def observe(kind: Kind, raw: dict[str, Any]) -> None:
        scheduler.receive(kind, None, raw)

    snapshots = Snapshots(store, policy, awake_since=now())
    library = Library(StoredArtifacts(settings.artifacts_read_from), store.artifacts.put)
    performer = Performer(kube, observe, Eyes(looks, store.sighted), library, keeper)
    loop = Loop(store, snapshots, performer.perform, now)
    spaces: tuple[str | None, ...] = settings.namespaces or (None,)
    scheduler = Scheduler(
        settings=settings,
        kube=kube,
        store=store,
        loop=loop,
        informers=[Informer(kube, store, kind, space, label) for kind, label in _INFORMED.items() for space in spaces],
        fed=[Informer(kube, store, kind, space) for kind in FED_KINDS for space in spaces],
        metastore=MetastoreWriter(settings.database_url, on_committed=lambda committed: None),
    )
    return scheduler


async def run_scheduler(settings: Settings) -> None:
    """Schedule until a signal, or until a part ends that can't be done without."""
    connection = load_connection()
    hook = crash_hook(settings.crash_at)
    async with (
        Kube(connection, settings.writes_in_flight, hook) as kube,
        real_looks(settings, connection.server, kube) as looks,
        kept_logs(settings, kube) as keeper,
    ):
        scheduler = build(settings, kube, looks, keeper)
        scheduler.record_from_here()
        runner = None
        if settings.probe_port:
            runner = await serve_probes(
                settings.probe_port,
                alive=scheduler.not_alive,
                ready=scheduler.not_ready,
                counts=scheduler.counts,
            )
        try:
            await _run_parts(scheduler, connection)
        finally:
            if runner is not None:
                await runner.cleanup()
            scheduler.metastore.close()


async def _run_parts(scheduler: Scheduler, connection: Connection) -> None:
    kopf_thread = KopfThread(connection, scheduler.settings.namespaces, scheduler.receive)
    kopf_thread.start()
    parts = [asyncio.create_task(informer.run()) for informer in scheduler.informers]
    parts.append(asyncio.create_task(_relist_now_and_then(scheduler)))
    parts.append(asyncio.create_task(_decide(scheduler)))
    beat = beat_on(scheduler.settings.database_url, scheduler.metastore, scheduler.not_ready)
    parts.append(asyncio.create_task(beat))
    stopped = _stop_signal()
    try:
        done, _ = await asyncio.wait([*parts, kopf_thread.ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
        _log.info("scheduler stops")
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await scheduler.loop.stop()
        kopf_thread.stop()


async def _decide(scheduler: Scheduler) -> None:
    """Decide once everything has been listed; a decision on half a picture would create what exists."""
    for fed in scheduler.fed:
        await _list_until_it_works(fed)
    for informer in scheduler.informers:
        await informer.synced.wait()
    scheduler.synced = True
    scheduler.metastore.reconcile_start(scheduler.live_uids(), scheduler.settings.namespaces or None)
    scheduler.store.mark_all()
    _log.info("scheduler decides", **scheduler.counts()["objects"])
    await asyncio.gather(scheduler.loop.run(), _resync(scheduler))


async def _resync(scheduler: Scheduler) -> None:
    while True:
        await asyncio.sleep(scheduler.settings.resync_seconds)
        scheduler.store.mark_all()


async def _relist_now_and_then(scheduler: Scheduler) -> None:
    while True:
        await asyncio.sleep(scheduler.settings.relist_seconds)
        for fed in scheduler.fed:
            await _list_until_it_works(fed)


async def _list_until_it_works(informer: Informer) -> None:
    while True:
        try:
            return await informer.relist()
        except SlipwayError as error:
            _log.warning("list put off", kind=informer.kind.value, error=str(error))
            await asyncio.sleep(1)


def _stop_signal() -> "asyncio.Future[None]":
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopped
