"""A Docker engine -> a cluster by kind, in about a minute: the backend for a laptop.

Honesty: this file was written from kind's documentation and source. The machine it was written on has
no Docker engine, so it has never run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.cluster.commands import run, succeeds
from tests.cluster.existing import PULLED_BASE_IMAGE
from tests.cluster.model import Cluster, ImageOrder
from tests.cluster.native.configs import AUDIT_POLICY
from tests.cluster.programs import provide
from tests.cluster.progress import step

CLUSTER_NAME = "slipway"
MANIFEST = Path(__file__).resolve().parent / "manifests" / "kind.yaml"
ENGINE_SECONDS = 5.0
PULL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Kind:
    """The cluster whose one node is a container."""

    state: Path
    name: str = "kind"

    def up(self) -> Cluster:
        """The running cluster of our name; created when there is none."""
        kind = provide("kind", self.state)
        (self.state / "logs").mkdir(parents=True, exist_ok=True)
        if not self._exists():
            with step("creating the kind cluster"):
                run([kind, "create", "cluster", "--config=-", "--wait=120s"], stdin=self._manifest())
        kubeconfig = self.state / "kubeconfig"
        kubeconfig.unlink(missing_ok=True)
        run([kind, "export", "kubeconfig", f"--name={CLUSTER_NAME}", f"--kubeconfig={kubeconfig}"])
        kubectl, helm = (provide(program, self.state) for program in ("kubectl", "helm"))
        audit_log = self.state / "logs" / "audit.log"
        return Cluster(self.name, kubeconfig, kubectl, helm, audit_log, None, PULLED_BASE_IMAGE)

    def down(self) -> bool:
        """Delete the cluster."""
        existed = self._exists()
        run([provide("kind", self.state), "delete", "cluster", f"--name={CLUSTER_NAME}"])
        return existed

    def status(self) -> dict[str, str]:
        """Whether the cluster's container exists."""
        return {f"kind cluster {CLUSTER_NAME}": "ready" if self._exists() else "is not running"}

    def build_image(self, order: ImageOrder) -> None:
        """Build with the user's engine, then copy the image into the node."""
        arguments = [f"--build-arg=BASE_IMAGE={order.base}"] if order.base else []
        with step(f"building the image {order.tag}"):
            run(["docker", "build", *arguments, f"--tag={order.tag}", order.context])
        with step(f"copying the image {order.tag} into the node"):
            kind = provide("kind", self.state)
            run([kind, "load", "docker-image", order.tag, f"--name={CLUSTER_NAME}"])

    def _exists(self) -> bool:
        listed = run([provide("kind", self.state), "get", "clusters"])
        return CLUSTER_NAME in listed.splitlines()

    def _manifest(self) -> str:
        config = self.state / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "audit-policy.json").write_text(json.dumps(AUDIT_POLICY))
        return Template(MANIFEST.read_text()).substitute(name=CLUSTER_NAME, logs=self.state / "logs", config=config)


def is_possible() -> bool:
    """Whether a Docker engine answers and pulls images: the one that our Dockerfile starts from is tried."""
    if not succeeds(["docker", "info"], timeout_seconds=ENGINE_SECONDS):
        return False
    if succeeds(["docker", "image", "inspect", PULLED_BASE_IMAGE]):
        return True
    with step(f"trying whether Docker can pull {PULLED_BASE_IMAGE}"):
        return succeeds(["docker", "pull", "--quiet", PULLED_BASE_IMAGE], timeout_seconds=PULL_SECONDS)
