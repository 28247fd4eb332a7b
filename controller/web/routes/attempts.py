"""Which attempt an address names, and its Pod."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Depends

from controller.metastore.logs import KeptLog, kept_log
from controller.web.authorise import Access
from controller.web.names import AttemptNumber, RunName, TaskName
from controller.web.problems import Missing
from controller.web.queries.attempts import AttemptPod, attempt_pod, newest_attempt
from controller.web.routes import address


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt, as the address names it."""

    run: RunName
    task: TaskName
    attempt: AttemptNumber


InAddress = Annotated[Attempt, Depends()]


async def pod_of(access: Access, which: Attempt, index: int | None) -> AttemptPod:
    """The attempt's Pod; Missing where there is no such attempt, or it had none."""
    of_run = await address.run_of(access, access.namespace, which.run)
    place = (which.task, index)
    ask = partial(attempt_pod, run_uid=of_run.uid, place=place, number=which.attempt)
    found = await access.parts.reader.ask(ask)
    if found is None:
        newest = await access.parts.reader.ask(lambda session: newest_attempt(session, of_run.uid, *place))
        if newest is None:
            raise address.no_task(which.run, which.task)
        raise Missing(f"Task {which.task} has no attempt {which.attempt}", way_on=f"It has {newest} so far")
    if not found.pod:
        raise Missing(f"Task {which.task} runs without a Pod, so it has no log and no Events")
    return found


async def kept_of(access: Access, found: AttemptPod) -> KeptLog | None:
    """What was archived of the Pod; None = nothing."""
    ask = partial(kept_log, namespace=access.namespace, pod=found.pod, pod_uid=found.pod_uid)
    return await access.parts.reader.ask(ask)
