"""A look that a sensor asks for -> what was seen, or in one sentence why nothing was. Never an error.

A URL is asked by http_look.py. An object is asked of the API server, with the controller's own rights and only in the
TaskRun's namespace; one that does not exist is seen as nothing (`object` is null), which is an answer too.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from controller.act.hosts import HostRules, rule_faults
from controller.act.http_look import LOOK_SECONDS, Guard, HttpEyes, LookFault
from controller.act.perform import Glance
from controller.errors import NotFound, Refused, SlipwayError, Usage
from controller.kube import Kube
from controller.model.action import Look, ObjectName, Url
from controller.model.metadata import Key
from controller.settings import Settings

_DOTS: Final = frozenset({".", ".."})


@asynccontextmanager
async def real_looks(settings: Settings, server: str, kube: Kube) -> AsyncIterator["RealLooks"]:
    """Looks as the settings allow them; Usage where these can't be understood."""
    faults = rule_faults((*settings.sensor_allowed_hosts, *settings.sensor_forbidden_hosts))
    if faults:
        raise Usage(f"sensor hosts: {faults[0]} is no network")
    rules = HostRules(forbidden=settings.sensor_forbidden_hosts, allowed=settings.sensor_allowed_hosts)
    async with HttpEyes(Guard(rules, server)) as http:
        yield RealLooks(kube, http)


class RealLooks:
    """Looks at the real world."""

    def __init__(self, kube: Kube, http: HttpEyes) -> None:
        self._kube = kube
        self._http = http

    async def look(self, action: Look) -> Glance:
        """What is seen."""
        match action.at:
            case Url() as url:
                try:
                    return await self._http.look(url, action.task_run.namespace), ""
                except LookFault as fault:
                    return None, str(fault)
            case ObjectName() as name:
                return await self._object(action.task_run.namespace, name)

    async def _object(self, namespace: str, at: ObjectName) -> Glance:
        if not at.name or at.name in _DOTS:
            return None, f"{at.name!r} is no name"
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                raw = await self._kube.get_other(at.api_version, at.resource, Key(namespace, at.name))
        except NotFound as error:
            if f'"{at.name}" not found' in str(error):
                return {"object": None}, "it does not exist"
            return None, f"the API server does not know {at.resource} of {at.api_version}"
        except Refused as error:
            return None, _refused(error, at)
        except (SlipwayError, TimeoutError) as error:
            return None, str(error) or "the API server does not answer"
        metadata = {name: value for name, value in raw.get("metadata", {}).items() if name != "managedFields"}
        return {"object": {**raw, "metadata": metadata}}, ""


def _refused(error: Refused, at: ObjectName) -> str:
    if error.code != 403:
        return str(error)
    group = at.api_version.rpartition("/")[0]
    what = f"{at.resource}.{group}" if group else at.resource
    return f"the controller may not get {what}: the chart's value sensors.resources gives it the right"
