"""Settings and the Pod that this process is in -> what decisions depend on, and where the webhook stands."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from controller.connection import Connection
from controller.errors import Usage
from controller.model.policy import Policy
from controller.settings import Settings

if TYPE_CHECKING:
    import kopf

    from controller.admission import AdmissionServer

KEEP_REVISIONS: Final = timedelta(hours=1)
"""How long a revision stays that nothing refers to: a run may just be about to."""
NAMESPACE_FILE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def own_namespace(file: Path = NAMESPACE_FILE) -> str:
    """The namespace that this process' Pod is in; empty outside of a Pod."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def policy_of(settings: Settings, namespace: str) -> Policy:
    """What decisions depend on, in a controller that is in this namespace."""
    return Policy(
        default_task_image=settings.default_task_image,
        parallelism=settings.parallelism,
        keep_slots_after=timedelta(seconds=settings.keep_slots_after_seconds),
        artifacts=settings.artifact_store,
        alerts_url=settings.alerts_url,
        tracing=settings.tracing,
        resources=settings.resources_kept,
        keep_revisions_for=KEEP_REVISIONS,
        pods=settings.pod_policy,
        closed_namespace="" if settings.allow_own_namespace else namespace,
        trusts_authorship=bool(settings.webhook_port),
    )


@dataclass
class Webhook:
    """Gives kopf the webhook, and knows its certificate then."""

    settings: Settings
    connection: Connection
    namespace: str
    server: "AdmissionServer | None" = None
    """None before kopf has it."""

    def __call__(self, registry: "kopf.OperatorRegistry", of_kopf: "kopf.OperatorSettings") -> None:
        """Add it to what kopf is to do."""
        from controller.admission import AdmissionServer, Place, register

        settings = self.settings
        place = Place(
            namespace=self.namespace,
            secret=settings.webhook_secret,
            service=settings.webhook_service,
            configuration=settings.webhook_configuration,
            port=settings.webhook_port,
            certificate_seconds=settings.webhook_certificate_seconds,
        )
        self.server = of_kopf.admission.server = AdmissionServer(place, self.connection)
        register(registry, self.server, policy_of(settings, self.namespace))

    def certificate_ends_at(self) -> float | None:
        """When the certificate that is served ends, in seconds since 1970; None before there is one."""
        ends_at = self.server.certificate_ends_at if self.server is not None else None
        return ends_at.timestamp() if ends_at is not None else None


def with_webhook(settings: Settings, connection: Connection, namespace: str) -> Webhook | None:
    """The webhook for kopf; None where the settings ask for none."""
    if not settings.webhook_port:
        return None
    if not namespace:
        raise Usage("SLIPWAY_WEBHOOK_PORT: outside of a Pod there is no namespace for the webhook")
    return Webhook(settings, connection, namespace)
