"""A caller and a need -> the API server's answer whether the caller may, remembered for a few seconds."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from controller.errors import Unauthenticated, Unavailable
from controller.model.names import GROUP
from controller.web.api_server import ApiServer, Caller

V = TypeVar("V")

ANSWER_SECONDS: Final = 5.0
_ANSWERS_KEPT: Final = 20_000
_ACCESS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_IDENTITY: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller must be allowed, in the words of RBAC."""

    verb: str
    resource: str
    subresource: str = ""
    group: str = GROUP

    def __str__(self) -> str:
        tail = f"/{self.subresource}" if self.subresource else ""
        dot = f".{self.group}" if self.group else ""
        return f"{self.verb} {self.resource}{tail}{dot}"


class Reviews:
    """Asks the API server as each caller, and remembers. No token is kept, only its hash."""

    def __init__(self, api_server: ApiServer, now: Callable[[], float] = monotonic) -> None:
        self._api_server = api_server
        self._allowed: _Memory[bool] = _Memory(now)
        self._users: _Memory[str] = _Memory(now)

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
        """Those of the namespaces in which the caller may."""
        names = sorted(namespaces)
        answers = await asyncio.gather(*(self.may(caller, need, name) for name in names))
        return tuple(name for name, allowed in zip(names, answers, strict=True) if allowed)

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
        self._users.clear()

    async def _post(self, caller: Caller, path: str, group: str, kind: str, attributes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {"apiVersion": f"{group}.k8s.io/v1", "kind": kind}
        if attributes is not None:
            body["spec"] = {"resourceAttributes": attributes}
        try:
            return await self._api_server.acting_as(caller).ask(path, body)
        except Unauthenticated as error:
            if caller.impersonated is None:
                raise
            raise Unavailable("The API server does not know the web server's own token, which it needs here") from error


class _Memory(Generic[V]):
    """Answers of the last few seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: OrderedDict[Any, tuple[float, V]] = OrderedDict()

    def clear(self) -> None:
        self._kept.clear()

    async def get(self, key: Any, ask: Callable[[], Awaitable[V]]) -> V:
        found = self._kept.get(key)
        if found is not None and self._now() - found[0] < ANSWER_SECONDS:
            return found[1]
        answer = await ask()
        self._kept[key] = (self._now(), answer)
        self._kept.move_to_end(key)
        while len(self._kept) > _ANSWERS_KEPT:
            self._kept.popitem(last=False)
        return answer


def _digest(caller: Caller) -> str:
    if caller.is_anonymous:
        return ""
    said = caller.impersonated
    # No token has brackets, so none can be taken for somebody's name.
    told = caller.token or "" if said is None else json.dumps([said.user, *said.groups])
    return hashlib.sha256(told.encode()).hexdigest()
