"""The webhook as the API server meets it: TLS on a port of this machine, kopf behind it, and a cluster made up."""

import asyncio
import base64
import copy
import io
import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import aiohttp
import kopf
from kopf._cogs.structs import references
from kopf._core.engines import admission as kopfs
from kopf._core.engines.indexing import OperatorIndexers
from kopf._core.reactor.inventory import ResourceMemories

from controller.admission import AdmissionServer, Place, register
from controller.connection import Connection
from controller.errors import Conflict, NotFound, Unavailable
from controller.model.metadata import Key
from controller.model.pod_policy import PodPolicy
from controller.model.policy import Policy
from controller.simulate.patches import json_patch

API_VERSION: Final = "slipway.dev/v1alpha1"
CONTROLLER: Final = "system:serviceaccount:slipway:slipway"
CONFIGURATION: Final = "slipway-slipway"
POLICY: Final = Policy("tasks:1", pods=PodPolicy(), closed_namespace="slipway", trusts_authorship=True)
Raw = dict[str, Any]


@dataclass
class MadeUpCluster:
    """What admission asks of the API server."""

    dags: dict[Key, Raw] = field(default_factory=dict)
    rights: set[tuple[str, ...]] = field(default_factory=set)
    """(user or group, namespace, verb, resource, name) that are allowed."""
    data: dict[str, str] = field(default_factory=dict)
    """What stands in the Secret."""
    version: int = 1
    configurations: dict[str, Raw] = field(
        default_factory=lambda: {
            "mutatingwebhookconfigurations": _configuration("stamp"),
            "validatingwebhookconfigurations": _configuration("validate"),
        }
    )
    down: bool = False
    """Whether the API server answers nothing."""
    reviews: list[Mapping[str, Any]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def _reached(self) -> None:
        if self.down:
            raise Unavailable("the API server does not answer")

    async def secret(self, key: Key) -> Raw:
        """The Secret."""
        self._reached()
        return {"metadata": {"resourceVersion": str(self.version)}, "data": dict(self.data)}

    async def fill_secret(self, key: Key, data: Mapping[str, str], version: str) -> None:
        """Write it, unless somebody did since."""
        self._reached()
        if version != str(self.version):
            raise Conflict("the Secret was changed")
        self.data, self.version = dict(data), self.version + 1
        self.writes.append("secret")

    async def configuration(self, plural: str, name: str) -> Raw:
        """A webhook configuration."""
        self._reached()
        if plural not in self.configurations:
            raise NotFound(f"{plural} {name} does not exist")
        return copy.deepcopy(self.configurations[plural])

    async def patch_configuration(self, plural: str, name: str, operations: list[Mapping[str, Any]]) -> None:
        """Patch it."""
        self.configurations[plural] = json_patch(self.configurations[plural], operations)
        self.writes.append(plural)

    async def dag(self, key: Key) -> Raw:
        """A Dag."""
        self._reached()
        if key not in self.dags:
            raise NotFound(f"Dag {key} does not exist")
        return self.dags[key]

    async def is_allowed(self, namespace: str, review: Mapping[str, Any]) -> bool:
        """The answer to a review."""
        self._reached()
        self.reviews.append(review)
        asked = review["resourceAttributes"]
        what = (namespace, asked["verb"], asked["resource"], asked["name"])
        return any((who, *what) in self.rights for who in (review["user"], *review.get("groups", ())))

    async def own_name(self) -> str:
        """Who we are."""
        return CONTROLLER


def _configuration(word: str) -> Raw:
    return {
        "webhooks": [
            {
                "name": f"{word}-{plural}.slipway.dev",
                "clientConfig": {"service": {"name": "slipway-webhook", "port": 443}},
            }
            for plural in ("dags", "dagruns")
        ]
    }


@dataclass
class Webhook:
    """A webhook that listens."""

    port: int
    cluster: MadeUpCluster
    server: AdmissionServer

    def address(self, webhook: str) -> str:
        """Where the configurations say that it is."""
        for configuration in self.cluster.configurations.values():
            for each in configuration["webhooks"]:
                if each["name"].startswith(f"{webhook}."):
                    return f"https://127.0.0.1:{self.port}{each['clientConfig']['service']['path']}"
        raise AssertionError(f"no webhook {webhook}")

    def trusted(self) -> ssl.SSLContext:
        """What the configurations say is to be trusted, as the API server does it."""
        client = self.cluster.configurations["validatingwebhookconfigurations"]["webhooks"][0]["clientConfig"]
        context = ssl.create_default_context(cadata=base64.b64decode(client["caBundle"]).decode())
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    async def post(self, address: str, body: bytes | str | io.BytesIO) -> tuple[int, str]:
        """The code and text of the answer to any body."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                address, data=body, ssl=self.trusted(), server_hostname="slipway-webhook.slipway.svc"
            ) as answer,
        ):
            return answer.status, await answer.text()

    async def ask(self, webhook: str, request: Mapping[str, Any]) -> Raw:
        """The response to an admission request."""
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": dict(request)}
        code, text = await self.post(self.address(webhook), json.dumps(review))
        assert code == 200, text
        response: Raw = json.loads(text)["response"]
        assert response["uid"] == request["uid"]
        return response

    async def applied(self, request: Mapping[str, Any]) -> Raw:
        """The object as it is stored: stamped, then judged; an AssertionError with the sentence when it is refused."""
        plural = request["resource"]["resource"]
        stamped = await self.ask(f"stamp-{plural}", request)
        operations = json.loads(base64.b64decode(stamped.get("patch", ""))) if stamped.get("patch") else []
        stored: Raw = json_patch(request["object"], operations)
        said = await self.ask(f"validate-{plural}", {**request, "object": stored})
        assert said["allowed"], said["status"]["message"]
        return stored

    async def refused(self, request: Mapping[str, Any]) -> str:
        """Why the request is refused; an AssertionError when it is not."""
        said = await self.ask(f"validate-{request['resource']['resource']}", request)
        assert not said["allowed"]
        assert said["status"]["code"] == 422
        return str(said["status"]["message"])

    async def warned(self, request: Mapping[str, Any]) -> list[str]:
        """The warnings of a request that passes."""
        said = await self.ask(f"validate-{request['resource']['resource']}", request)
        assert said["allowed"], said["status"]["message"]
        return list(said.get("warnings") or ())


@asynccontextmanager
async def listening(cluster: MadeUpCluster, policy: Policy = POLICY, **place: Any) -> AsyncIterator[Webhook]:
    """The webhook, with kopf's own machinery between server and handlers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = Place("slipway", "slipway-webhook", "slipway-webhook", CONFIGURATION, port, **place)
    server = AdmissionServer(where, Connection("http://127.0.0.1:1"))
    for name in ("secret", "fill_secret", "configuration", "patch_configuration", "dag", "is_allowed", "own_name"):
        setattr(server.api, name, getattr(cluster, name))
    registry, settings = kopf.OperatorRegistry(), kopf.OperatorSettings()
    register(registry, server, policy)
    insights = references.Insights()
    insights.webhook_resources.update(
        references.Resource("slipway.dev", "v1alpha1", plural, kind=kind, namespaced=True)
        for plural, kind in (("dags", "Dag"), ("dagruns", "DagRun"))
    )
    answer = partial(
        kopfs.serve_admission_request,
        settings=settings,
        registry=registry,
        insights=insights,
        memories=ResourceMemories(),
        memobase=cast(Any, kopf.Memo()),
        indices=OperatorIndexers().indices,
    )
    serving = server(answer)
    await anext(serving)
    rounds = asyncio.ensure_future(anext(serving))
    try:
        yield Webhook(port, cluster, server)
    finally:
        rounds.cancel()
        await asyncio.gather(rounds, return_exceptions=True)
        await serving.aclose()  # type: ignore[attr-defined]


def request(
    new: Raw | None, old: Raw | None = None, user: str = "ada", groups: tuple[str, ...] = (), **more: Any
) -> Raw:
    """The request of an AdmissionReview, as an API server words it."""
    about = new or old or {}
    kind = about["kind"]
    resource = {"group": "slipway.dev", "version": "v1alpha1", "resource": f"{kind.lower()}s"}
    return {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "slipway.dev", "version": "v1alpha1", "kind": kind},
        "resource": resource,
        "name": about["metadata"]["name"],
        "namespace": about["metadata"]["namespace"],
        "operation": "CREATE" if old is None else "UPDATE",
        "userInfo": {
            "username": user,
            "uid": "u-1",
            "groups": ["system:authenticated", *groups],
            "extra": {"k": ["v"]},
        },
        "object": new,
        "oldObject": old,
        "dryRun": False,
        "options": {},
        **more,
    }


def dag(spec: Raw, name: str = "etl", namespace: str = "team", **metadata: Any) -> Raw:
    """A Dag as it is sent."""
    about = {"name": name, "namespace": namespace, **metadata}
    return {"apiVersion": API_VERSION, "kind": "Dag", "metadata": about, "spec": spec}


def stored(raw: Raw) -> Raw:
    """An object as the API server has it."""
    about = {"uid": "u", "resourceVersion": "1", "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"}
    return {**raw, "metadata": {**raw["metadata"], **about}}


def dag_run(spec: Raw | None = None, namespace: str = "team", status: Raw | None = None, **metadata: Any) -> Raw:
    """A run of Dag etl as it is sent."""
    about = {"name": "etl-1", "namespace": namespace, **metadata}
    raw = {
        "apiVersion": API_VERSION,
        "kind": "DagRun",
        "metadata": about,
        "spec": {"dagRef": {"name": "etl"}, **(spec or {})},
    }
    return {**raw, "status": status} if status is not None else raw


def annotations(raw: Raw) -> Raw:
    """The annotations of an object."""
    return raw["metadata"].get("annotations") or {}
