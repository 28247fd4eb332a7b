"""A caller and a need -> the API server's answer whether the caller may, remembered for a few seconds."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from controller.errors import NotFound, Refused, Unauthenticated, Unavailable
from controller.web.api_server import ApiServer, Caller
from controller.web.need import Need
from controller.web.rules import may_allow

V = TypeVar("V")

ANSWER_SECONDS: Final = 5.0
RULES_SECONDS: Final = 30.0
"""How long a namespace stays ruled out: so a right that is given shows in lists. One that is taken goes sooner."""
MOST_AT_ONCE: Final = 16
"""Reviews on their way to the API server."""
_FEW: Final = 4
"""Namespaces for which the rules are not asked first."""
_ANSWERS_KEPT: Final = 20_000
_ACCESS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_RULES: Final = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
_IDENTITY: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


class Reviews:
    """Asks the API server as each caller, and remembers. No token is kept, only its hash."""

    def __init__(self, api_server: ApiServer, now: Callable[[], float] = monotonic) -> None:
        self._api_server = api_server
        self._allowed: _Memory[bool] = _Memory(now, ANSWER_SECONDS)
        self._rules: _Memory[dict[str, Any]] = _Memory(now, RULES_SECONDS)
        self._users: _Memory[str] = _Memory(now, ANSWER_SECONDS)
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def may(self, caller: Caller, need: Need, namespace: str | None) -> bool:
        """Whether the caller may, in this namespace or, for None, in every one; Unauthenticated for a bad token."""

        async def ask() -> bool:
            attributes = {
                "verb": need.verb,
                "group": need.group,
                "resource": need.resource,
                "subresource": need.subresource,
                "namespace": namespace or "",
            }
            answer = await self._post(caller, _ACCESS, "authorization", "SelfSubjectAccessReview", attributes)
            return (answer.get("status") or {}).get("allowed") is True

        return await self._allowed.get((_digest(caller), need, namespace), ask)

    async def where(self, caller: Caller, need: Need, namespaces: Iterable[str]) -> tuple[str, ...]:
        """Those of the namespaces in which the caller may; of many the rules first leave out what they can."""
        names = sorted(namespaces)
        if len(names) > _FEW:
            rules = await asyncio.gather(*(self._rules_in(caller, name) for name in names))
            names = [name for name, listed in zip(names, rules, strict=True) if may_allow(listed, need)]
        answers = await asyncio.gather(*(self.may(caller, need, name) for name in names))
        return tuple(name for name, allowed in zip(names, answers, strict=True) if allowed)

    async def _rules_in(self, caller: Caller, namespace: str) -> dict[str, Any]:
        """What the API server lists; nothing, and so incomplete, where it does not let the caller ask."""

        async def ask() -> dict[str, Any]:
            body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview"}
            try:
                answer = await self._ask(caller, _RULES, {**body, "spec": {"namespace": namespace}})
            except (NotFound, Refused):
                return {}
            return dict(answer.get("status") or {})

        return await self._rules.get((_digest(caller), namespace), ask)

    async def who(self, caller: Caller) -> str:
        """The caller's user name; Unauthenticated for a bad token."""

        async def ask() -> str:
            answer = await self._post(caller, _IDENTITY, "authentication", "SelfSubjectReview", None)
            user = ((answer.get("status") or {}).get("userInfo") or {}).get("username")
            if not user or user == "system:anonymous":
                raise Unauthenticated("the token is not valid")
            return str(user)

        return await self._users.get(_digest(caller), ask)

    def forget(self) -> None:
        """Ask anew from here on."""
        self._allowed.clear()
        self._rules.clear()
        self._users.clear()

    async def _post(self, caller: Caller, path: str, group: str, kind: str, attributes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {"apiVersion": f"{group}.k8s.io/v1", "kind": kind}
        if attributes is not None:
            body["spec"] = {"resourceAttributes": attributes}
        return await self._ask(caller, path, body)

    async def _ask(self, caller: Caller, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            async with self._turns:
                return await self._api_server.acting_as(caller).ask(path, body)
        except Unauthenticated as error:
            if caller.impersonated is None:
                raise
            raise Unavailable("The API server does not know the web server's own token, which it needs here") from error


class _Memory(Generic[V]):
    """Answers of the last seconds. Who asks what is being asked waits for that answer."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        self._now = now
        self._seconds = seconds
        self._kept: OrderedDict[Any, tuple[float, V]] = OrderedDict()
        self._coming: dict[Any, asyncio.Task[V]] = {}

    def clear(self) -> None:
        self._kept.clear()
        self._coming.clear()

    async def get(self, key: Any, ask: Callable[[], Coroutine[Any, Any, V]]) -> V:
        found = self._kept.get(key)
        if found is not None and self._now() - found[0] < self._seconds:
            return found[1]
        coming = self._coming.get(key)
        if coming is None:
            coming = self._coming[key] = asyncio.get_running_loop().create_task(ask())
            coming.add_done_callback(lambda task: self._came(key, task))
        # Not ended by a caller who goes away: others may wait for the same.
        return await asyncio.shield(coming)

    def _came(self, key: Any, task: asyncio.Task[V]) -> None:
        if self._coming.get(key) is not task:
            return  # forgotten meanwhile
        del self._coming[key]
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = (self._now(), task.result())
        self._kept.move_to_end(key)
        while len(self._kept) > _ANSWERS_KEPT:
            self._kept.popitem(last=False)


def _digest(caller: Caller) -> str:
    if caller.is_anonymous:
        return ""
    said = caller.impersonated
    # No token has brackets, so none can be taken for somebody's name.
    told = caller.token or "" if said is None else json.dumps([said.user, *said.groups])
    return hashlib.sha256(told.encode()).hexdigest()
