"""Running API server -> cluster DNS, the default StorageClass, and a node that is Ready."""

from __future__ import annotations

from pathlib import Path
from string import Template

from tests.cluster.commands import run
from tests.cluster.native import addresses as at
from tests.cluster.native.layout import Layout

MANIFEST = Path(__file__).resolve().parents[1] / "manifests" / "addons.yaml"


def apply(layout: Layout) -> None:
    """Create or repair the objects of `addons.yaml`."""
    text = Template(MANIFEST.read_text()).substitute(
        dns_service_ip=at.DNS_SERVICE_IP, dns_port=at.DNS_PORT, node_ip=at.NODE_IP
    )
    kubectl(layout, "apply", "-f", "-", stdin=text)


def wait_for_node(layout: Layout) -> None:
    """Return once Pods can be scheduled and can get their service account."""
    kubectl(layout, "wait", "--for=create", f"node/{at.NODE_NAME}", "--timeout=60s")
    kubectl(layout, "wait", "--for=condition=Ready", f"node/{at.NODE_NAME}", "--timeout=60s")
    kubectl(layout, "wait", "--for=create", "serviceaccount/default", "--timeout=60s")


def kubectl(layout: Layout, *arguments: str, stdin: str | None = None) -> str:
    """What kubectl prints, run as the administrator."""
    # A proxy is for the network outside.
    direct = {"NO_PROXY": at.NODE_IP, "no_proxy": at.NODE_IP}
    return run([layout.bin / "kubectl", "--kubeconfig", layout.kubeconfig, *arguments], stdin=stdin, env=direct)
