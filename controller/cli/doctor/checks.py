"""The checks in their order: what is asked first is what the others stand on."""

from collections.abc import Callable, Iterable
from typing import Final

from controller.cli.doctor import cluster, controller, reports, webhook, work
from controller.cli.doctor.evidence import Evidence
from controller.cli.doctor.finding import Finding

CHECKS: Final[tuple[Callable[[Evidence], Iterable[Finding]], ...]] = (
    cluster.cluster,
    cluster.clock,
    cluster.crds,
    cluster.rights,
    controller.installed,
    controller.leader,
    controller.controller_clock,
    reports.watches,
    reports.metastore,
    reports.log_store,
    reports.alerts,
    reports.task_image,
    webhook.webhooks,
    work.dags,
    work.runs,
    work.tasks,
    work.pods,
)
