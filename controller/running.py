"""The parts of a scheduler -> a process that runs until a signal, or until a part ends that it can't do without.

    every replica      kopf with the webhook, informers, relists, probes, election
    the leader alone   decisions, resync, rows in the metastore, retention of rows and logs, heartbeat

Without a Lease the one replica leads at once.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final, NoReturn

import structlog

from controller.act.alert_targets import read_targets
from controller.act.eyes import real_looks
from controller.connection import load_connection
from controller.crash import crash_hook
from controller.election import Election
from controller.errors import NotLeading, SlipwayError
from controller.installed import own_namespace, with_webhook
from controller.kube import Kube
from controller.log_keeping import kept_logs, remove_old_logs
from controller.measure.gather import Measures
from controller.measure.of_scheduler import Beside, measured
from controller.observe.feeders import KopfThread
from controller.observe.informer import Informer
from controller.probes import serve_probes
from controller.pulse import beat_on
from controller.row_keeping import clean_now_and_then
from controller.scheduler import Scheduler, build, now
from controller.settings import Settings
from controller.traces.sender import sent_traces

TARGETS_SECONDS: Final = 10
"""How often it is looked whether there are other targets of alerts, as where a Secret was changed."""
ROWS_SECONDS: Final = 2.0
"""How long a leader that ends writes its last rows before it hands over."""
IDLE_SECONDS: Final = 3.0
"""How long it waits for its last requests; if they take longer, its Lease is left to expire."""

_log = structlog.get_logger(__name__)


async def run_scheduler(settings: Settings) -> None:
    """Schedule until a signal, or until a part ends that can't be done without."""
    connection = load_connection()
    hook = crash_hook(settings.crash_at)
    election = Election(connection, settings, own_namespace()) if settings.lease_name else None
    leadership = election.leadership if election is not None else None
    async with (
        Kube(connection, settings.writes_in_flight, hook, leadership=leadership) as kube,
        real_looks(settings, connection.server, kube) as looks,
        kept_logs(settings, kube) as keeper,
    ):
        scheduler = build(settings, kube, looks, keeper, election)
        async with sent_traces(settings, scheduler.store, lambda: scheduler.decides, now) as traces:
            webhook = with_webhook(settings, connection, own_namespace())
            measures, ages = measured(scheduler, Beside(keeper, traces, webhook))
            await _run_probed(scheduler, measures, KopfThread(connection, settings.namespaces, ages.receive, webhook))


async def _run_probed(scheduler: Scheduler, measures: Measures, kopf_thread: KopfThread) -> None:
    """Run the parts, and answer meanwhile how they are."""
    runner = None
    if scheduler.settings.probe_port:
        runner = await serve_probes(
            scheduler.settings.probe_port,
            alive=scheduler.not_alive,
            ready=scheduler.not_ready,
            counts=scheduler.counts,
            metrics=measures.told,
        )
    try:
        await _run_parts(scheduler, kopf_thread)
    finally:
        if runner is not None:
            await runner.cleanup()
        scheduler.metastore.close()


async def _run_parts(scheduler: Scheduler, kopf_thread: KopfThread) -> None:
    kopf_thread.start()
    works: list[Coroutine[Any, Any, None]] = [informer.run() for informer in scheduler.informers]
    works += [_relist_now_and_then(scheduler), lead(scheduler), _beat(scheduler), _follow_targets(scheduler)]
    parts = [asyncio.create_task(work) for work in works]
    ends: list[asyncio.Future[None]] = [*parts, kopf_thread.ended, _stop_signal()]
    if scheduler.election is not None:
        ends.append(scheduler.election.ended)
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
        _log.info("scheduler stops")
    except NotLeading as error:
        _crash(error)
    finally:
        for each in parts:
            each.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await scheduler.loop.stop()
        await hand_over(scheduler)
        kopf_thread.stop()


def _crash(error: NotLeading) -> NoReturn:
    """End at once: whatever an ordinary end would still do, somebody else may be doing by now."""
    _log.error("the leadership is lost, so this process ends", error=str(error))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


async def lead(scheduler: Scheduler) -> None:
    """What only the leader does, once everything has been listed: half a picture would let it create what exists."""
    for fed in scheduler.fed:
        await _list_until_it_works(fed)
    for informer in scheduler.informers:
        await informer.synced.wait()
    scheduler.synced = True
    if scheduler.election is not None:  # not before: who can't even list must not keep others from leading
        scheduler.election.start()
        await scheduler.election.won.wait()
    scheduler.record_from_here()
    if scheduler.election is not None:  # what the last leader wrote last may still be on its way here
        await asyncio.gather(*(_list_until_it_works(each) for each in (*scheduler.informers, *scheduler.fed)))
    scheduler.record_all()
    scheduler.wake()
    scheduler.decides = True
    _log.info("scheduler decides", **scheduler.counts()["objects"])
    tidy = (clean_now_and_then(scheduler.settings), remove_old_logs(scheduler.settings))
    await asyncio.gather(scheduler.loop.run(), _resync(scheduler), *tidy)


async def hand_over(scheduler: Scheduler) -> None:
    """Let a standby lead at once, after the last row and the last answer: the rows of the next leader come on top."""
    election = scheduler.election
    if election is None:
        return
    election.leadership.end()
    await asyncio.to_thread(scheduler.metastore.close, ROWS_SECONDS)
    await election.stop(release=await scheduler.kube.is_idle(IDLE_SECONDS))


async def _beat(scheduler: Scheduler) -> None:
    if scheduler.election is not None:
        await scheduler.election.won.wait()
    await beat_on(scheduler.settings.database_url, scheduler.metastore, scheduler.not_deciding)


async def _resync(scheduler: Scheduler) -> None:
    while True:
        await asyncio.sleep(scheduler.settings.resync_seconds)
        scheduler.store.mark_all()


async def _follow_targets(scheduler: Scheduler) -> None:
    while True:
        await asyncio.sleep(TARGETS_SECONDS)
        try:
            scheduler.store.alerts.know(await asyncio.to_thread(read_targets, scheduler.settings.alerts_folder))
        except OSError as error:
            _log.warning("the targets of alerts can't be read", error=str(error))


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
