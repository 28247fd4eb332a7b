"""kopf's admission handlers: they gather what a judgement needs, and hand its verdict on.

Whatever goes wrong in here lets the request pass with a warning, as an outage would: the controller judges again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import kopf

from controller.admission.judging import changes_dag, changes_run, judge_new_dag, judge_run
from controller.admission.rights import usable
from controller.admission.server import AdmissionServer
from controller.admission.stamps import Stamps, changed, dag_stamps, run_stamps, spec_of
from controller.admission.verdict import PASSED, Verdict
from controller.decide.readiness import accounts_to_ask_for
from controller.errors import NotFound, SlipwayError
from controller.log import Logger
from controller.model.metadata import Key
from controller.model.names import GROUP, VERSION
from controller.model.policy import Policy

_OPERATIONS: Final = ("CREATE", "UPDATE")
_RIGHTS_SECONDS: Final = 2.5
"""How long is searched for what an author may use, before the Dag is stamped without."""
_NOT_JUDGED: Final = "Slipway could not judge this now; its controller will"
_log = Logger(__name__)

Raw = Mapping[str, Any]


def register(registry: kopf.OperatorRegistry, server: AdmissionServer, policy: Policy) -> None:
    """Let kopf answer by these; the ids are the webhooks' names up to the first dot."""
    admission = _Admission(server, policy)
    for plural, judge, stamp in (
        ("dags", admission.judge_dag, admission.stamp_dag),
        ("dagruns", admission.judge_run, admission.stamp_run),
    ):
        about: dict[str, Any] = {"operations": _OPERATIONS, "registry": registry}
        kopf.on.validate(GROUP, VERSION, plural, id=f"validate-{plural}", **about)(_validating(judge, server))
        kopf.on.mutate(GROUP, VERSION, plural, id=f"stamp-{plural}", **about)(_stamping(stamp, server))
    logging.getLogger("kopf.objects").addFilter(_is_no_refusal)


def _validating(judge: Callable[..., Awaitable[Verdict]], server: AdmissionServer) -> Any:
    async def validate(
        old: Raw | None, new: Raw | None, userinfo: Raw, warnings: list[str], subresource: str | None, **_: Any
    ) -> None:
        if new is None or subresource or _is_ours(userinfo, server):
            return
        try:
            verdict = await judge(_plain(old), _plain(new), userinfo)
        except Exception:
            _log.exception("admission is not judged")
            verdict = Verdict(warnings=(_NOT_JUDGED,))
        warnings.extend(verdict.warnings)
        if verdict.refused:
            raise kopf.AdmissionError(verdict.refused, code=422)

    return validate


def _stamping(stamp: Callable[..., Awaitable[Stamps]], server: AdmissionServer) -> Any:
    async def mutate(
        old: Raw | None, new: Raw | None, userinfo: Raw, subresource: str | None, patch: kopf.Patch, **_: Any
    ) -> None:
        if new is None or subresource or _is_ours(userinfo, server):
            return
        raw = _plain(new)
        try:
            stamps = changed(await stamp(_plain(old), raw, userinfo), raw)
        except Exception:
            _log.exception("author is not noted")
            return
        for name, value in stamps.items():
            patch.metadata.annotations[name] = value

    return mutate


class _Admission:
    """What the judgements need besides the request."""

    def __init__(self, server: AdmissionServer, policy: Policy) -> None:
        self._api = server.api
        self._policy = policy

    async def judge_dag(self, old: Raw | None, new: Raw, user: Raw) -> Verdict:
        """The verdict on a Dag."""
        if not changes_dag(old, new):
            return PASSED
        accounts = await self._accounts(new)
        warnings: tuple[str, ...] = ()
        try:
            granted = await self._granted(new, accounts, user)
        except SlipwayError as error:
            granted, warnings = frozenset(accounts), (f"{_NOT_JUDGED}: {error}",)
        verdict = await asyncio.to_thread(judge_new_dag, new, self._policy, granted)
        return Verdict(verdict.refused, (*verdict.warnings, *warnings))

    async def stamp_dag(self, old: Raw | None, new: Raw, user: Raw) -> Stamps:
        """The annotations of a Dag; where the API server does not say what the author may use, that stays open."""
        try:
            async with asyncio.timeout(_RIGHTS_SECONDS):
                granted = await self._granted(new, await self._accounts(new), user)
        except Exception as error:  # who makes the search fail must not keep their name out of the Dag
            _log.warning("rights of an author are not known", error=str(error) or type(error).__name__)
            granted = frozenset()
        return dag_stamps(old, new, _name(user), granted)

    async def judge_run(self, old: Raw | None, new: Raw, user: Raw) -> Verdict:
        """The verdict on a run."""
        if not changes_run(old, new):
            return PASSED
        name = ((new.get("spec") or {}).get("dagRef") or {}).get("name")
        try:
            dag = await self._api.dag(Key(new["metadata"]["namespace"], str(name)))
        except NotFound:
            dag = None
        return await asyncio.to_thread(judge_run, old, new, dag, self._policy)

    async def stamp_run(self, old: Raw | None, new: Raw, user: Raw) -> Stamps:
        """The annotation of a run."""
        return run_stamps(old, _name(user))

    async def _accounts(self, new: Raw) -> tuple[str, ...]:
        return await asyncio.to_thread(accounts_to_ask_for, spec_of(new), self._policy, new["metadata"]["namespace"])

    async def _granted(self, new: Raw, accounts: tuple[str, ...], user: Raw) -> frozenset[str]:
        return await usable(self._api, new["metadata"]["namespace"], accounts, user)


def _plain(raw: Raw | None) -> Any:
    """The object without kopf's views around it."""
    return dict(raw) if raw is not None else None


def _name(user: Raw) -> str:
    return str(user.get("username") or "")


def _is_ours(user: Raw, server: AdmissionServer) -> bool:
    """Whether the controller itself writes."""
    return bool(server.own_name) and _name(user) == server.own_name


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Kopf logs each refusal as an error, though it is the answer that the user was meant to get."""
    return "validate-" not in str(record.msg) or "failed permanently" not in str(record.msg)
