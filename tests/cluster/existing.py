"""A context of the user's kubeconfig -> that cluster, used as it is: nothing in it is started or ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import ClusterError, run, succeeds
from tests.cluster.model import Cluster, ImageOrder
from tests.cluster.programs import provide

PULLED_BASE_IMAGE = "python:3.13-slim"


@dataclass(frozen=True, slots=True)
class Existing:
    """Somebody else's cluster, by the name of its context."""

    state: Path
    context: str
    name: str = "context"

    def up(self) -> Cluster:
        """The cluster, reached with a copy of this one context, so that no test can touch another."""
        kubectl, helm = (provide(program, self.state) for program in ("kubectl", "helm"))
        kubeconfig = self.state / "kubeconfig"
        view = ["config", "view", "--minify", "--flatten", f"--context={self.context}"]
        # The file may be a link from an earlier cluster.
        copied = run([kubectl, *view])
        kubeconfig.unlink(missing_ok=True)
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(copied)
        if not self._answers(kubectl):
            raise ClusterError(f"The cluster of the context {self.context} does not answer.")
        return Cluster(self.name, kubeconfig, kubectl, helm, None, None, PULLED_BASE_IMAGE)

    def down(self) -> bool:
        """Forget the copy of the context; the cluster itself is not ours to end."""
        kubeconfig = self.state / "kubeconfig"
        was_used = kubeconfig.exists()
        kubeconfig.unlink(missing_ok=True)
        return was_used

    def status(self) -> dict[str, str]:
        """Whether the API server answers."""
        answered = self._answers(provide("kubectl", self.state))
        return {self.context: "ready" if answered else "does not answer"}

    def build_image(self, order: ImageOrder) -> None:
        """Refuse: only the cluster's owner knows where its nodes pull from."""
        raise ClusterError(
            f"This cluster was not made here: push {order.tag} to a registry that its nodes read, "
            "and name that image: SLIPWAY_IMAGE=repository:tag."
        )

    def _answers(self, kubectl: Path) -> bool:
        request = ["get", "--raw=/readyz", "--request-timeout=5s"]
        return succeeds([kubectl, f"--kubeconfig={self.state / 'kubeconfig'}", *request])
