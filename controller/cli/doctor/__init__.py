"""`slipway doctor`: a kubeconfig -> what is well with Slipway in that cluster, what is not, and what to do about it.

gather.py       everything that is needed, read with the caller's rights; what may not be read is said so
evidence.py     what was read
finding.py      one answer: ok, warn, fail or skipped, and the fix
cluster.py, controller.py, reports.py, webhook.py, database.py, work.py
                the checks: small functions from evidence to findings
checks.py       their order
"""

import asyncio
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from controller.cli.connect import UNREACHABLE
from controller.cli.doctor.checks import CHECKS
from controller.cli.doctor.database import database_findings
from controller.cli.doctor.finding import Finding, Level, fail
from controller.cli.doctor.gather import Scope, gather
from controller.cli.output import check_format, print_json
from controller.errors import Unavailable
from controller.kube import Kube


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    namespace: str | None
    """Where Dags are looked at; None = everywhere."""
    system: str | None
    """Where the controller is; None = wherever it is found."""
    context: str | None
    patience: timedelta
    """What waits longer is told."""


def show_doctor(asked: Asked, output: str) -> int:
    """Look at everything and print it; the exit code."""
    check_format(output)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a line about an object that can't be read is no answer
            found, code = asyncio.run(_examine(asked)), 0
    except Unavailable as error:
        fix = "check the kubeconfig, its current context and the way to the API server"
        found, code = [fail("cluster", str(error), fix)], UNREACHABLE
    _print(found, output)
    return code or (1 if any(each.level is Level.FAIL for each in found) else 0)


async def _examine(asked: Asked) -> list[Finding]:
    from controller.connection import load_connection

    async with Kube(load_connection(asked.context), agent="slipway-doctor") as kube:
        evidence = await gather(kube, Scope(asked.namespace, asked.system), datetime.now(UTC), asked.patience)
    found = [finding for check in CHECKS for finding in check(evidence)]
    url = os.environ.get("SLIPWAY_DATABASE_URL", "")
    return [*found, *await asyncio.to_thread(lambda: list(database_findings(url, datetime.now(UTC))))]


def _print(found: Sequence[Finding], output: str) -> None:
    counts = Counter(each.level for each in found)
    if output == "json":
        print_json({"ok": not counts[Level.FAIL], "findings": [each.record() for each in found]})
        return
    width = max(len(each.check) for each in found)
    for each in found:
        print(f"{each.level.value:<8}{each.check:<{width}}  {each.message}")
        if each.fix:
            print(f"{'':<8}{'':<{width}}  fix: {each.fix}")
    told = ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level])
    print(f"\n{told}", file=sys.stderr)
