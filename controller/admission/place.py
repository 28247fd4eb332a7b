"""Where the webhook stands in the cluster, and how it is set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The objects of one installation that belong to the webhook."""

    namespace: str
    """The namespace of the Secret and the Service."""
    secret: str
    """The Secret with the certificate."""
    service: str
    """The Service that the API server calls."""
    configuration: str
    """The name of both webhook configurations."""
    port: int = 9443
    certificate_seconds: int = 7_776_000
    """How long a certificate holds."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the API server calls."""
        name = f"{self.service}.{self.namespace}.svc"
        return name, f"{name}.cluster.local"

    @property
    def round_seconds(self) -> float:
        """How often certificate and configurations are looked at: each minute, and oftener for short-lived ones."""
        return max(1.0, min(60.0, self.certificate_seconds / 20))
