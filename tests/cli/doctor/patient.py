"""A story's cluster, and around it all else that a doctor reads -> what it finds; every part can be made ill."""

import base64
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controller import __version__
from controller.cli.doctor.checks import CHECKS
from controller.cli.doctor.cluster import our_definitions
from controller.cli.doctor.finding import Finding, Level
from controller.cli.doctor.gather import Scope, gather
from controller.errors import NotFound, Refused
from controller.model.action import Kind
from controller.model.resources import RESOURCES
from controller.model.timestamps import format_time
from tests.measure.measured import Measured
from tests.scenarios.story import Story

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
DEPLOYMENTS = "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io/name=slipway"
PODS = "/api/v1/namespaces/slipway-system/pods?labelSelector=app=slipway"
PROXY = "/api/v1/namespaces/slipway-system/pods/slipway-1:8080/proxy"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/slipway-system/leases/slipway"
HOOKS = "/apis/admissionregistration.k8s.io/v1/{}webhookconfigurations?labelSelector=app.kubernetes.io/name=slipway"


class Patient:
    """The API server as a doctor sees it. `paths` has what is answered, an error where it is to be raised."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story = story
        self.now = story.world.clock.now
        self.measured = Measured(story, folder)
        self.forbidden: set[str] = set()
        """What the caller may not, by `VERB RESOURCE`; lists are then refused."""
        self.paths: dict[str, Any] = {
            "/version": {"gitVersion": "v1.34.1", "major": "1", "minor": "34+"},
            "/apis/slipway.dev/v1alpha1": {"resources": [{"name": each.plural} for each in RESOURCES]},
            DEPLOYMENTS: {"items": [deployment()]},
            PODS: {"items": [pod()]},
            f"{PROXY}/counts": {"now": format_time(self.now), "metastore": dict(METASTORE)},
            HOOKS.format("mutating"): {"items": []},
            HOOKS.format("validating"): {"items": [webhook(self.now - timedelta(days=30), self.now + timedelta(60))]},
            LEASE: lease(self.now),
        }
        for name, definition in our_definitions().items():
            self.paths[f"{CRDS}{name}"] = stored_crd(definition)
        self.metrics: str | Exception | None = None
        self.created: Exception | None = Refused('admission webhook "x" denied the request: a -> a', "Invalid", 422)
        """What comes of a Dag in a circle; None = it would be stored."""
        self.asked_in: list[str] = []
        """The namespaces of such Dags."""
        self.server_date = format_datetime(self.now, usegmt=True)

    async def examined(self, patience: float = 600, now: datetime | None = None) -> list[Finding]:
        """What the doctor finds."""
        moment = now or self.story.world.clock.now
        evidence = await gather(self, Scope(None, None), moment, timedelta(seconds=patience))
        return [finding for check in CHECKS for finding in check(evidence)]

    # ---- the session ----------------------------------------------------------------------------------------------

    async def read(self, path: str) -> dict[str, Any]:
        """The answer at a path."""
        found = self.paths.get(path, NotFound(f"nothing is at {path}"))
        if isinstance(found, Exception):
            raise found
        return dict(found)

    async def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Whether the caller may."""
        asked = body["spec"]["resourceAttributes"]
        words = f"{asked['verb']} {asked['resource']}"
        return {"status": {"allowed": words not in self.forbidden}}

    async def create(
        self, kind: Kind, namespace: str, body: Mapping[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        """A Dag is refused by the webhook, or whatever `created` says; in this namespace alone."""
        assert dry_run
        self.asked_in.append(namespace)
        if self.created is not None:
            raise self.created
        return dict(body)

    async def list_all(
        self, kind: Kind, namespace: str | None = None, label_selector: str = ""
    ) -> list[dict[str, Any]]:
        """The objects of the story."""
        if f"list {kind.value.lower()}s" in self.forbidden:
            raise refusal(kind.value)
        return list(self.story.cluster.all_of(kind))

    async def stream(self, path: str, params: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """The controller's metrics."""
        if isinstance(self.metrics, Exception):
            raise self.metrics
        yield self.metrics.encode() if self.metrics is not None else await self.measured.measures.told()


METASTORE = {"healthy": True, "pending": 0, "lagSeconds": 0.0}


def by_check(found: list[Finding], check: str) -> list[tuple[str, str]]:
    """The findings of a check: the level and the message."""
    return [(each.level.value, each.message) for each in found if each.check == check]


def amiss(found: list[Finding]) -> list[tuple[str, str]]:
    """The checks that found something to do."""
    return [(each.check, each.level.value) for each in found if each.level in (Level.WARN, Level.FAIL)]


def refusal(what: str) -> Refused:
    """What the API server says to who lacks a right."""
    return Refused(f"{what} is forbidden", "Forbidden", 403)


def stored_crd(ours: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as the API server gives it back: with its own defaults, without empty mappings, and taken up."""
    stored: dict[str, Any] = _filled(ours)
    stored["metadata"] |= {"uid": "1", "resourceVersion": "1", "annotations": {"helm.sh/resource-policy": "keep"}}
    stored["spec"] |= {"conversion": {"strategy": "None"}, "preserveUnknownFields": False}
    stored["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
    return stored


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each) for key, each in value.items() if each != {}}
    return [_filled(each) for each in value] if isinstance(value, list | tuple) else value


def deployment(replicas: int = 1, **env: Any) -> dict[str, Any]:
    """The controller's Deployment."""
    variables = {"SLIPWAY_DEFAULT_TASK_IMAGE": "python:3.13-slim", "SLIPWAY_LEASE_NAME": "slipway", **env}
    containers = [{"name": "controller", "env": [{"name": name, "value": value} for name, value in variables.items()]}]
    labels = {"app.kubernetes.io/name": "slipway", "app.kubernetes.io/version": __version__}
    return {
        "metadata": {"namespace": "slipway-system", "name": "slipway", "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "slipway"}},
            "template": {"spec": {"containers": containers}},
        },
        "status": {"readyReplicas": replicas},
    }


def pod(restarts: int = 0, **state: Any) -> dict[str, Any]:
    """The controller's Pod; `state` is that of its container."""
    status = {"name": "controller", "ready": not state, "restartCount": restarts, "state": state, "lastState": {}}
    return {
        "metadata": {"name": "slipway-1", "namespace": "slipway-system"},
        "spec": {"containers": [{"name": "controller"}]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


def lease(renewed_at: datetime, holder: str = "slipway-1") -> dict[str, Any]:
    """The Lease."""
    return {"spec": {"holderIdentity": holder, "renewTime": format_time(renewed_at), "leaseDurationSeconds": 15}}


def webhook(begins_at: datetime, ends_at: datetime, **fields: Any) -> dict[str, Any]:
    """A webhook configuration with a certificate of that life."""
    hook = {
        "name": "validate-dags.slipway.dev",
        "failurePolicy": "Ignore",
        "clientConfig": {"caBundle": base64.b64encode(certificate(begins_at, ends_at)).decode()},
        **fields,
    }
    return {"metadata": {"name": "slipway"}, "webhooks": [hook]}


def certificate(begins_at: datetime, ends_at: datetime) -> bytes:
    """A certificate, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slipway")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins_at, ends_at)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
