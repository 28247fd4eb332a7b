"""A session with the API server -> the evidence: all that may be read is, and nothing is judged here."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol, TypeVar

from controller.cli.doctor.evidence import Controller, Evidence, Missing, Raw, Work
from controller.cli.doctor.reading import RIGHTS, Right, read_lines, samples_of
from controller.errors import NotFound, Refused, SlipwayError, Unauthenticated
from controller.model.action import Kind
from controller.model.names import API_VERSION, LABEL_TASK
from controller.model.resources import RESOURCES
from controller.observe.parse import parse

T = TypeVar("T")
OURS: Final = "app.kubernetes.io/name=slipway"
_PROBES: Final = "8080"
_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WEBHOOKS: Final = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")


class Session(Protocol):
    """What is needed of a session with the API server: `controller.kube.Kube`."""

    server_date: str

    async def read(self, path: str) -> dict[str, Any]:
        """The answer at a path."""

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question that is stored nowhere."""

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The object as it would be created."""

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """Every object of a kind."""

    def stream(self, path: str, params: Mapping[str, str]) -> Any:
        """The bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look."""

    namespace: str | None
    system: str | None


async def gather(session: Session, scope: Scope, now: datetime, patience: timedelta) -> Evidence:
    """Everything; Unavailable where the cluster does not answer at all."""
    version = await session.read("/version")
    server_time = parsedate_to_datetime(session.server_date) if session.server_date else None
    crds, kinds, rights, controllers, webhooks, work = await asyncio.gather(
        _crds(session),
        _or_missing(_kinds(session)),
        _rights(session, scope.namespace),
        _or_missing(_controllers(session, scope.system)),
        _or_missing(_webhooks(session)),
        _work(session, scope.namespace),
    )
    is_called = None if isinstance(webhooks, Missing) else await _is_called(session, webhooks, scope.namespace)
    return Evidence(now, server_time, version, crds, kinds, rights, controllers, webhooks, is_called, work, patience)


async def _or_missing(reading: Awaitable[T]) -> T | Missing:
    try:
        return await reading
    except Unauthenticated:
        raise
    except Refused as error:
        return Missing(str(error), is_forbidden=error.code == 403)
    except NotFound as error:
        return Missing(str(error))
    except SlipwayError as error:
        return Missing(str(error))


async def _crds(session: Session) -> dict[str, Raw | Missing]:
    group = API_VERSION.partition("/")[0]
    names = [f"{resource.plural}.{group}" for resource in RESOURCES]
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    found = await asyncio.gather(*(_or_missing(session.read(f"{path}/{name}")) for name in names))
    return dict(zip(names, found, strict=True))


async def _kinds(session: Session) -> frozenset[str]:
    served = await session.read(f"/apis/{API_VERSION}")
    return frozenset(each["name"] for each in served.get("resources") or () if "/" not in each["name"])


async def _rights(session: Session, namespace: str | None) -> dict[str, bool | Missing]:
    async def may(right: Right) -> bool:
        attributes = {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "subresource": right.subresource,
            "namespace": namespace or "",
        }
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        answer = await session.ask(_REVIEWS, {**body, "spec": {"resourceAttributes": attributes}})
        return (answer.get("status") or {}).get("allowed") is True

    answers = await asyncio.gather(*(_or_missing(may(right)) for right in RIGHTS))
    return {right.words: answer for right, answer in zip(RIGHTS, answers, strict=True)}


async def _controllers(session: Session, system: str | None) -> Sequence[Controller]:
    place = f"/namespaces/{system}" if system else ""
    page = await session.read(f"/apis/apps/v1{place}/deployments?labelSelector={OURS}")
    found = [Controller(each) for each in page.get("items") or ()]
    return await asyncio.gather(*(_controller(session, each) for each in found if each.container))


async def _controller(session: Session, found: Controller) -> Controller:
    """The same with its Pods and what they say of themselves."""
    chosen = found.deployment["spec"]["selector"]["matchLabels"]
    selector = ",".join(f"{name}={value}" for name, value in sorted(chosen.items()))
    answer = await _or_missing(session.read(f"/api/v1/namespaces/{found.namespace}/pods?labelSelector={selector}"))
    pods = answer if isinstance(answer, Missing) else [each for each in answer["items"] if _is_controller(each)]
    port = found.settings.get("SLIPWAY_PROBE_PORT", _PROBES)
    names = [] if isinstance(pods, Missing) else [str(each["metadata"]["name"]) for each in pods if _runs(each)]
    paths = {name: f"/api/v1/namespaces/{found.namespace}/pods/{name}:{port}/proxy" for name in names}
    counts = {name: await _or_missing(session.read(f"{path}/counts")) for name, path in paths.items()}
    metrics = {name: await _or_missing(_samples(session, f"{path}/metrics")) for name, path in paths.items()}
    lease_name, lease = found.settings.get("SLIPWAY_LEASE_NAME"), None
    if lease_name:
        space = found.settings.get("SLIPWAY_LEASE_NAMESPACE") or found.namespace
        path = f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases/{lease_name}"
        lease = await _or_missing(session.read(path))
    return Controller(found.deployment, pods, counts, metrics, lease)


async def _samples(session: Session, path: str) -> Mapping[tuple[str, str], float]:
    return samples_of(await read_lines(session.stream(path, {})))


def _is_controller(pod: Raw) -> bool:
    return any(each["name"] == "controller" for each in pod["spec"]["containers"])


def _runs(pod: Raw) -> bool:
    return (pod.get("status") or {}).get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]


async def _webhooks(session: Session) -> Sequence[Raw]:
    pages = [
        await session.read(f"/apis/admissionregistration.k8s.io/v1/{plural}?labelSelector={OURS}")
        for plural in _WEBHOOKS
    ]
    return [each for page in pages for each in page.get("items") or ()]


async def _is_called(session: Session, configurations: Sequence[Raw], namespace: str | None) -> bool | Missing | None:
    """Whether the webhook refuses what nothing else refuses: a Dag in a circle, which is not stored either way."""
    hooks = [each for configuration in configurations for each in configuration.get("webhooks") or ()]
    if not hooks:
        return None
    places = _watched(hooks[0])
    place = namespace or next(iter(places), "default")
    if places and place not in places:
        return None
    circle = {"name": "a", "noop": {}, "dependsOn": ["a"]}
    body = {
        "apiVersion": API_VERSION,
        "kind": "Dag",
        "metadata": {"name": "slipway-doctor"},
        "spec": {"tasks": [circle]},
    }
    try:
        await session.create(Kind.DAG, place, body, dry_run=True)
    except SlipwayError as error:
        return True if "admission webhook" in str(error) else Missing(str(error))
    return False


def _watched(webhook: Raw) -> Sequence[str]:
    """The namespaces that it is called for; empty = all."""
    rules = (webhook.get("namespaceSelector") or {}).get("matchExpressions") or ()
    return [name for rule in rules if rule["operator"] == "In" for name in rule["values"]]


async def _work(session: Session, namespace: str | None) -> Work:
    dags, runs, task_runs, pods = await asyncio.gather(
        _or_missing(session.list_all(Kind.DAG, namespace)),
        _or_missing(session.list_all(Kind.DAG_RUN, namespace)),
        _or_missing(session.list_all(Kind.TASK_RUN, namespace)),
        _or_missing(session.list_all(Kind.POD, namespace, LABEL_TASK)),
    )
    return Work(
        _parsed(Kind.DAG, dags),
        _parsed(Kind.DAG_RUN, runs),
        _parsed(Kind.TASK_RUN, task_runs),
        _parsed(Kind.POD, pods),
        () if isinstance(pods, Missing) else pods,
    )


def _parsed(kind: Kind, found: Sequence[dict[str, Any]] | Missing) -> Any:
    if isinstance(found, Missing):
        return found
    return [parsed for raw in found if (parsed := parse(kind, raw)) is not None]
