"""The one gate: what a route requires, and the caller -> Access, or a refusal.

Every route names exactly one Requirement as a dependency; `requirement_of` finds it, and the app does not start with a
route that has none.

    InNamespace(need)   the namespace in the address: one review
    Anywhere(need)      `?namespace=` if given: one review; else every namespace that the metastore knows, one review
                        for all of them, and where that says no, one each
    EachAnywhere(...)   several needs, each as with Anywhere: each part of the answer for those who may see it
    SignedIn()          only that the API server knows the caller
    Public()            nothing: sign-in, and files without any data
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from fastapi.routing import APIRoute
from pydantic import AfterValidator

from controller.web.api_server import Caller, Session
from controller.web.identity import caller_of
from controller.web.names import checked_name
from controller.web.need import Need
from controller.web.parameters import refuse_unknown_parameters, with_inner
from controller.web.parts import Parts, parts_of
from controller.web.problems import Forbidden, Invalid
from controller.web.queries.namespaces import known_namespaces

MOST_NAMESPACES: Final = 200
"""More than these are not reviewed one by one."""

SEE_DAGS: Final = Need("get", "dags")
SEE_RUNS: Final = Need("get", "dagruns")
SEE_TASKS: Final = Need("get", "taskruns")
SEE_POOLS: Final = Need("get", "pools")
SEE_LOGS: Final = Need("get", "pods", "log", group="")
TRIGGER: Final = Need("create", "dagruns")
CHANGE_RUNS: Final = Need("patch", "dagruns")
CHANGE_DAGS: Final = Need("patch", "dags")
DELETE_RUNS: Final = Need("delete", "dagruns")
DELETE_DAGS: Final = Need("delete", "dags")
CHANGE_POOLS: Final = Need("patch", "pools")
SEE_BACKFILLS: Final = Need("get", "backfills")
CREATE_BACKFILLS: Final = Need("create", "backfills")
CHANGE_BACKFILLS: Final = Need("patch", "backfills")
SEE_APPROVALS: Final = Need("get", "approvals")
ANSWER: Final = Need("patch", "approvals")

AUDITED: Final = {
    "DagRun": SEE_RUNS,
    "Dag": SEE_DAGS,
    "Backfill": SEE_BACKFILLS,
    "Pool": SEE_POOLS,
    "Approval": SEE_APPROVALS,
}
"""The kinds of objects that the audit tells of, and what it takes to see them."""


@dataclass(frozen=True, slots=True)
class Access:
    """A caller who may do what the route is for, and where."""

    parts: Parts
    caller: Caller
    namespaces: tuple[str, ...] | None = None
    """Where; None = everywhere."""
    need: Need | None = None

    @property
    def namespace(self) -> str:
        """The one namespace, of a route that has it in its address."""
        (namespace,) = self.namespaces or ()
        return namespace

    @property
    def session(self) -> Session:
        """The API server, as this caller."""
        return self.parts.api_server.acting_as(self.caller)

    async def user(self) -> str:
        """The caller's user name."""
        return await self.parts.reviews.who(self.caller)


class Requirement:
    """What a route requires of its caller."""


class Public(Requirement):
    """Nothing."""

    async def __call__(self, request: Request) -> None:
        """Let everybody in."""
        refuse_unknown_parameters(request)


class SignedIn(Requirement):
    """A caller whom the API server knows."""

    async def __call__(self, request: Request) -> Access:
        """Let the caller in, whatever they may."""
        refuse_unknown_parameters(request)
        parts = parts_of(request)
        access = Access(parts, caller_of(request, parts.settings), namespaces=())
        await access.user()
        return access


class InNamespace(Requirement):
    """The need, in the namespace of the address."""

    def __init__(self, need: Need) -> None:
        self.need = need

    async def __call__(
        self,
        request: Request,
        namespace: Annotated[str, Path(description="The namespace."), AfterValidator(checked_name)],
    ) -> Access:
        """Let the caller in if they may; Forbidden names what is missing."""
        refuse_unknown_parameters(request)
        parts = parts_of(request)
        caller = caller_of(request, parts.settings)
        if not await parts.reviews.may(caller, self.need, namespace):
            raise refusal(self.need, namespace)
        return Access(parts, caller, (namespace,), self.need)


class Anywhere(Requirement):
    """The need, in the namespace that is asked for, else wherever the caller has it."""

    def __init__(self, need: Need) -> None:
        self.need = need

    async def __call__(self, request: Request) -> Access:
        """Let the caller in, as far as they may."""
        refuse_unknown_parameters(request)
        parts = parts_of(request)
        caller = caller_of(request, parts.settings)
        asked = request.query_params.get("namespace")
        if asked is not None:
            if not await parts.reviews.may(caller, self.need, checked_name(asked)):
                raise refusal(self.need, asked)
            return Access(parts, caller, (asked,), self.need)
        return Access(parts, caller, await allowed_namespaces(parts, caller, self.need), self.need)


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller, and how far each of several needs goes."""

    access: Access
    namespaces: Mapping[Need, tuple[str, ...] | None]
    """Where; None = everywhere, empty = nowhere."""

    def has(self, need: Need) -> bool:
        """Whether the caller has it anywhere."""
        return self.namespaces[need] != ()


class EachAnywhere(Requirement):
    """Several needs, each as with Anywhere; what a caller lacks is left out of the answer, not refused."""

    def __init__(self, *needs: Need) -> None:
        self.needs = needs

    async def __call__(self, request: Request) -> Reach:
        """Let the caller in, as far as they may; Forbidden where that is nothing in the namespace asked for."""
        refuse_unknown_parameters(request)
        parts = parts_of(request)
        caller = caller_of(request, parts.settings)
        asked = request.query_params.get("namespace")
        found: dict[Need, tuple[str, ...] | None] = {}
        for need in self.needs:
            if asked is None:
                found[need] = await allowed_namespaces(parts, caller, need)
            else:
                found[need] = await parts.reviews.where(caller, need, [checked_name(asked)])
        if asked is not None and not any(found.values()):
            raise refusal(self.needs[0], asked)
        return Reach(Access(parts, caller, (asked,) if asked is not None else None), found)


async def allowed_namespaces(parts: Parts, caller: Caller, need: Need) -> tuple[str, ...] | None:
    """Where the caller may; None = everywhere."""
    if await parts.reviews.may(caller, need, None):
        return None
    known = await parts.reader.ask(known_namespaces)
    if len(known) > MOST_NAMESPACES:
        raise Invalid("there are too many namespaces to look for yours: name one", parameter="namespace")
    return await parts.reviews.where(caller, need, known)


def requirement_of(route: APIRoute) -> Requirement | None:
    """The route's requirement; None when it has none, or several."""
    calls: list[object] = [each.call for each in with_inner(route.dependant)]
    found = [call for call in calls if isinstance(call, Requirement)]
    return found[0] if len(found) == 1 else None


def refusal(need: Need, namespace: str) -> Forbidden:
    """The caller lacks the need there; how to ask for oneself."""
    way_on = f"kubectl auth can-i {need.verb} {need.resource}{'.' + need.group if need.group else ''}"
    if need.subresource:
        way_on += f" --subresource={need.subresource}"
    return Forbidden(f"You may not {need} in namespace {namespace}", way_on=f"Ask: {way_on} -n {namespace}")


DagsHere = Annotated[Access, Depends(InNamespace(SEE_DAGS))]
RunsHere = Annotated[Access, Depends(InNamespace(SEE_RUNS))]
TasksHere = Annotated[Access, Depends(InNamespace(SEE_TASKS))]
PoolsHere = Annotated[Access, Depends(InNamespace(SEE_POOLS))]
LogsHere = Annotated[Access, Depends(InNamespace(SEE_LOGS))]
TriggersHere = Annotated[Access, Depends(InNamespace(TRIGGER))]
ChangesRunsHere = Annotated[Access, Depends(InNamespace(CHANGE_RUNS))]
ChangesDagsHere = Annotated[Access, Depends(InNamespace(CHANGE_DAGS))]
DagsAnywhere = Annotated[Access, Depends(Anywhere(SEE_DAGS))]
RunsAnywhere = Annotated[Access, Depends(Anywhere(SEE_RUNS))]
PoolsAnywhere = Annotated[Access, Depends(Anywhere(SEE_POOLS))]
ChangesPoolsHere = Annotated[Access, Depends(InNamespace(CHANGE_POOLS))]
DeletesRunsHere = Annotated[Access, Depends(InNamespace(DELETE_RUNS))]
DeletesRunsAnywhere = Annotated[Access, Depends(Anywhere(DELETE_RUNS))]
DeletesDagsHere = Annotated[Access, Depends(InNamespace(DELETE_DAGS))]
BackfillsHere = Annotated[Access, Depends(InNamespace(SEE_BACKFILLS))]
CreatesBackfillsHere = Annotated[Access, Depends(InNamespace(CREATE_BACKFILLS))]
ChangesBackfillsHere = Annotated[Access, Depends(InNamespace(CHANGE_BACKFILLS))]
AnswersHere = Annotated[Access, Depends(InNamespace(ANSWER))]
BackfillsAnywhere = Annotated[Access, Depends(Anywhere(SEE_BACKFILLS))]
ApprovalsAnywhere = Annotated[Access, Depends(Anywhere(SEE_APPROVALS))]
ChangesRunsAnywhere = Annotated[Access, Depends(Anywhere(CHANGE_RUNS))]
ChangesDagsAnywhere = Annotated[Access, Depends(Anywhere(CHANGE_DAGS))]
HomeReach = Annotated[Reach, Depends(EachAnywhere(SEE_RUNS, SEE_DAGS, SEE_POOLS, SEE_APPROVALS))]
AuditReach = Annotated[Reach, Depends(EachAnywhere(*AUDITED.values()))]
Known = Annotated[Access, Depends(SignedIn())]
