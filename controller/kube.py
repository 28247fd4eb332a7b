"""Requests -> the API server's answers: a thin layer over aiohttp, the only place where raw objects travel.

aiohttp costs 0.35 ms of CPU per write where the Kubernetes clients cost 0.8 to 3; `kubernetes` still loads the
configuration and credentials. At most `in_flight` requests run at once, fewer after a 429, and every error is one of
errors.py. Watches have a connection of their own and are not counted.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict

from controller.errors import NotFound, Refused, Unavailable, error_in
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.model.names import API_VERSION
from controller.model.status_patch import APPLY_PATCH, MERGE_PATCH

REQUEST_SECONDS: Final = 15
WATCH_SECONDS: Final = 300
SILENCE_SECONDS: Final = 70
"""A watch asks for bookmarks, which come every minute; longer silence means a dead connection."""

_PLURALS: Final = {
    Kind.DAG: (f"apis/{API_VERSION}", "dags"),
    Kind.DAG_RUN: (f"apis/{API_VERSION}", "dagruns"),
    Kind.TASK_RUN: (f"apis/{API_VERSION}", "taskruns"),
    Kind.POOL: (f"apis/{API_VERSION}", "pools"),
    Kind.APPROVAL: (f"apis/{API_VERSION}", "approvals"),
    Kind.BACKFILL: (f"apis/{API_VERSION}", "backfills"),
    Kind.POD: ("api/v1", "pods"),
    Kind.REVISION: ("apis/apps/v1", "controllerrevisions"),
}


def collection_path(kind: Kind, namespace: str | None = None) -> str:
    """The path of all objects of a kind, in one namespace or in all."""
    group, plural = _PLURALS[kind]
    return f"/{group}/{plural}" if namespace is None else f"/{group}/namespaces/{namespace}/{plural}"


def object_path(kind: Kind, key: Key, subresource: str = "") -> str:
    """The path of one object, or of a subresource such as `status`."""
    tail = f"/{subresource}" if subresource else ""
    return f"{collection_path(kind, key.namespace)}/{key.name}{tail}"


@dataclass(frozen=True)
class Connection:
    """How to reach the API server and as whom."""

    server: str
    ca_path: str | None = None
    certificate_path: str | None = None
    key_path: str | None = None
    insecure: bool = False
    """Whether the server's certificate is not checked; only where the kubeconfig says so."""
    token: str | None = None
    token_path: str | None = None
    """A file whose token is read anew, as projected service account tokens expire."""
    username: str | None = None
    password: str | None = None
    impersonated_user: str | None = None
    """Whom the API server is asked to take us for; these credentials then need the right `impersonate`."""
    impersonated_groups: tuple[str, ...] = ()


def load_connection(context: str | None = None) -> Connection:
    """The connection of the Pod's service account, else of the kubeconfig; Unavailable where there is none."""
    from kubernetes import client, config

    configuration = client.Configuration()
    try:
        config.load_incluster_config(  # type: ignore[no-untyped-call]
            client_configuration=configuration
        )
        token_path: str | None = config.incluster_config.SERVICE_TOKEN_FILENAME
    except config.ConfigException:
        token_path = None
        try:
            config.load_kube_config(  # type: ignore[no-untyped-call]
                context=context, client_configuration=configuration
            )
        except (config.ConfigException, OSError) as error:
            raise Unavailable(f"no cluster is configured: {error}") from error
    header = configuration.get_api_key_with_prefix("BearerToken", "authorization") or ""
    return Connection(
        server=configuration.host.rstrip("/"),
        ca_path=configuration.ssl_ca_cert,
        certificate_path=configuration.cert_file,
        key_path=configuration.key_file,
        insecure=not configuration.verify_ssl,
        token=header.removeprefix("Bearer ") or None,
        token_path=token_path,
        username=configuration.username or None,
        password=configuration.password or None,
    )


def _ssl_context(connection: Connection) -> ssl.SSLContext | bool:
    if not connection.server.startswith("https"):
        return True
    context = ssl.create_default_context(cafile=connection.ca_path)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.certificate_path:
        context.load_cert_chain(connection.certificate_path, connection.key_path)
    return context


@dataclass
class Throttle:
    """How many requests may run at once: halved by a 429, then one more for each batch that went well."""

    most: int
    now: float = field(init=False)
    _running: int = 0
    _turn: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.now = self.most

    async def __aenter__(self) -> None:
        async with self._turn:
            await self._turn.wait_for(lambda: self._running < int(self.now))
            self._running += 1

    async def __aexit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        slowed = isinstance(error, Unavailable) and error.retry_after_seconds is not None
        self.now = max(1.0, self.now / 2) if slowed else min(self.most, self.now + 1 / self.now)
        async with self._turn:
            self._running -= 1
            self._turn.notify()


@dataclass(frozen=True, slots=True)
class _Request:
    verb: str
    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    params: Mapping[str, str] | None = None


WriteHook = Callable[[str], None]
"""Called with `before` and `after` around each create, patch and delete."""


class Kube:
    """One session with the API server. Use `async with`."""

    def __init__(
        self,
        connection: Connection,
        in_flight: int = 20,
        around_write: WriteHook | None = None,
        agent: str = "slipway-controller",
    ) -> None:
        self._connection = connection
        self._agent = agent
        self._throttle = Throttle(in_flight)
        self._around_write = around_write or (lambda when: None)
        self._session: aiohttp.ClientSession | None = None
        self.requests: dict[str, int] = {}
        """Requests sent, by verb: get, list, watch, stream, create, patch, delete."""

    async def __aenter__(self) -> "Kube":
        auth = None
        if self._connection.username:
            auth = aiohttp.BasicAuth(self._connection.username, self._connection.password or "")
        self._session = aiohttp.ClientSession(
            auth=auth,
            connector=aiohttp.TCPConnector(limit=0, ssl=_ssl_context(self._connection)),
            headers={"User-Agent": self._agent, "Accept": "application/json"},
            read_bufsize=2**20,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def acting_as(self, token: str) -> "Kube":
        """The same session, but every request is sent with this token and no other credentials."""
        other = copy(self)
        blank: dict[str, Any] = dict.fromkeys(("token_path", "username", "password", "impersonated_user"))
        other._connection = replace(self._connection, token=token, **blank)
        return other

    def impersonating(self, user: str, groups: tuple[str, ...]) -> "Kube":
        """The same session, but every request asks to be taken for one of this user, who then is all that counts."""
        other = copy(self)
        other._connection = replace(self._connection, impersonated_user=user, impersonated_groups=groups)
        return other

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question that is posted and stored nowhere, such as a SelfSubjectAccessReview."""
        return await self._send(_Request("create", "POST", path, body))

    async def get(self, kind: Kind, key: Key) -> dict[str, Any]:
        """The object as it is stored."""
        return await self._send(_Request("get", "GET", object_path(kind, key)))

    async def get_other(self, api_version: str, resource: str, key: Key) -> dict[str, Any]:
        """An object of any kind."""
        group = f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"
        name = quote(key.name, safe="")
        return await self._send(_Request("get", "GET", f"/{group}/namespaces/{key.namespace}/{resource}/{name}"))

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object as it was created, or with `dry_run` would be; AlreadyExists when its name is taken."""
        params = {"dryRun": "All"} if dry_run else None
        return await self._write(_Request("create", "POST", collection_path(kind, namespace), body, params=params))

    async def patch_status(self, kind: Kind, key: Key, patch: Mapping[str, Any], version: int) -> dict[str, Any]:
        """The object after its status changed; Conflict unless it was at this resourceVersion."""
        body = {"metadata": {"resourceVersion": str(version)}, "status": patch}
        return await self._write(_Request("patch", "PATCH", object_path(kind, key, "status"), body, MERGE_PATCH))

    async def patch(self, kind: Kind, key: Key, patch: Any, content_type: str = MERGE_PATCH) -> dict[str, Any]:
        """The object after the patch."""
        return await self._write(_Request("patch", "PATCH", object_path(kind, key), patch, content_type))

    async def apply(
        self, kind: Kind, key: Key, body: Mapping[str, Any], manager: str, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object after a server-side apply by this field manager, whose word wins over all others'."""
        params = {"fieldManager": manager, "force": "true"} | ({"dryRun": "All"} if dry_run else {})
        return await self._write(_Request("patch", "PATCH", object_path(kind, key), body, APPLY_PATCH, params))

    async def delete(self, kind: Kind, key: Key, uid: str, grace_seconds: int | None = None) -> dict[str, Any]:
        """Ask for the deletion of just this object; Conflict when the name belongs to another one now."""
        body: dict[str, Any] = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        if grace_seconds is not None:
            body["gracePeriodSeconds"] = grace_seconds
        return await self._write(_Request("delete", "DELETE", object_path(kind, key), body))

    async def create_event(self, namespace: str, body: Mapping[str, Any]) -> None:
        """Publish a Kubernetes Event."""
        await self._write(_Request("create", "POST", f"/api/v1/namespaces/{namespace}/events", body))

    async def caller(self) -> str:
        """The name by which the API server knows us; empty where it does not tell."""
        path, version = "/apis/authentication.k8s.io/v1/selfsubjectreviews", "authentication.k8s.io/v1"
        body = {"apiVersion": version, "kind": "SelfSubjectReview"}
        try:
            answer = await self._send(_Request("create", "POST", path, body))
        except (NotFound, Refused):
            return ""
        return str(((answer.get("status") or {}).get("userInfo") or {}).get("username") or "")

    async def stop_deployment(self, key: Key) -> None:
        """Scale a Deployment to nothing."""
        path = f"/apis/apps/v1/namespaces/{key.namespace}/deployments/{key.name}/scale"
        await self._write(_Request("patch", "PATCH", path, {"spec": {"replicas": 0}}, MERGE_PATCH))

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """Every object of a kind, page by page; for commands, not for the scheduler."""
        params = {"limit": "500"} | ({"labelSelector": label_selector} if label_selector else {})
        items: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self.list_page(
                collection_path(kind, namespace), params | ({"continue": token} if token else {})
            )
            items.extend(page["items"])
            token = page["metadata"].get("continue") or ""
            if not token:
                return items

    async def list_page(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list; Expired when its `continue` token is too old."""
        return await self._send(_Request("list", "GET", path, params=params))

    async def _write(self, request: _Request) -> dict[str, Any]:
        self._around_write("before")
        answer = await self._send(request)
        self._around_write("after")
        return answer

    async def _send(self, request: _Request) -> dict[str, Any]:
        async with self._throttle:
            self.requests[request.verb] = self.requests.get(request.verb, 0) + 1
            headers = self._credentials()
            headers["Content-Type"] = request.content_type
            try:
                async with self._open.request(
                    request.method,
                    self._connection.server + request.path,
                    data=None if request.body is None else json.dumps(request.body, separators=(",", ":")),
                    params=request.params,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
                ) as response:
                    text = await response.text()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise Unavailable(f"the API server does not answer: {type(error).__name__} {error}") from error
            if response.status < 400:
                return _parsed(text)
            raise error_in(response.status, text, response.headers.get("Retry-After"))

    async def watch(self, path: str, params: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        """The events of a watch until it ends; Expired or Unavailable when it can't go on."""
        self.requests["watch"] = self.requests.get("watch", 0) + 1
        asked = {**params, "watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(WATCH_SECONDS)}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=SILENCE_SECONDS)
        url = self._connection.server + path
        try:
            async with self._open.get(url, params=asked, headers=self._credentials(), timeout=timeout) as response:
                if response.status >= 400:
                    raise error_in(response.status, await response.text(), response.headers.get("Retry-After"))
                async for event in _lines(response.content):
                    yield event
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"the watch broke off: {type(error).__name__} {error}") from error

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer as they come, such as a Pod's log; it may be silent for long."""
        self.requests["stream"] = self.requests.get("stream", 0) + 1
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        url = self._connection.server + path
        try:
            async with self._open.get(url, params=params, headers=self._credentials(), timeout=timeout) as response:
                if response.status >= 400:
                    raise error_in(response.status, await response.text(), response.headers.get("Retry-After"))
                async for chunk in response.content.iter_any():
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(f"the API server does not answer: {type(error).__name__} {error}") from error

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("Kube is used outside of its `async with`")
        return self._session

    def _credentials(self) -> CIMultiDict[str]:
        token = self._connection.token
        if self._connection.token_path is not None:
            with open(self._connection.token_path) as file:
                token = file.read().strip()
        headers = CIMultiDict({"Authorization": f"Bearer {token}"} if token else {})
        if self._connection.impersonated_user is not None:
            headers.add("Impersonate-User", self._connection.impersonated_user)
            for group in self._connection.impersonated_groups:
                headers.add("Impersonate-Group", group)
        return headers


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[dict[str, Any]]:
    """JSON lines of any length; aiohttp's own line iterator refuses long ones."""
    rest = b""
    async for chunk in content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield _parsed(line)


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unavailable(f"the API server's answer is not JSON: {error}") from error
    return value if isinstance(value, dict) else {}
