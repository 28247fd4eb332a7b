"""Layout -> the table of the cluster's parts: command line, what must be ready before, when it is ready.

    etcd <- kube-apiserver <- kube-controller-manager, kube-scheduler, kube-proxy, coredns, provisioner
    containerd ------------<- kubelet

All run on the host, detached, one log file each. Nothing restarts them: a fault test that ends one
wants it to stay down until `start-part`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.native import addresses as at
from tests.cluster.native.layout import CONTAINERD_SOCKET, Layout, checkout


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the cluster."""

    name: str
    arguments: Callable[[Layout], list[str]]
    ready_at: str
    """URL that answers 200, or path of a socket that accepts, once the part works; empty: once it runs."""
    needs: tuple[str, ...] = ()
    program: str = ""
    """Path or name of the program; empty: the file in `.slipway/bin` with the part's name."""
    env: dict[str, str] = field(default_factory=dict)

    def argv(self, layout: Layout) -> tuple[str, ...]:
        """The command line that the part is started with."""
        program = self.program or str(layout.bin / self.name)
        return (program, *self.arguments(layout))


KWOK_STAGES = Path(__file__).resolve().parents[1] / "manifests" / "kwok.yaml"
RELAXED_GC = {"GOGC": "200"}
"""Memory for processor time: on two cores the collector of the two busiest parts is felt."""


def _etcd(layout: Layout) -> list[str]:
    peer = f"http://127.0.0.1:{at.ETCD_PEER_PORT}"
    return [
        f"--data-dir={layout.data}/etcd",
        f"--listen-client-urls={at.ETCD_URL}",
        f"--advertise-client-urls={at.ETCD_URL}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # Survives the death of any process, not of the machine; a write need not wait for the disk.
        "--unsafe-no-fsync",
        "--quota-backend-bytes=8589934592",
        "--auto-compaction-retention=5m",
        "--log-level=warn",
    ]


def _apiserver(layout: Layout) -> list[str]:
    certificates = layout.certificates
    return [
        f"--etcd-servers={at.ETCD_URL}",
        f"--advertise-address={at.NODE_IP}",
        "--bind-address=0.0.0.0",
        f"--secure-port={at.API_PORT}",
        f"--service-cluster-ip-range={at.SERVICE_CIDR}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement",
        "--allow-privileged=true",
        f"--client-ca-file={certificates}/ca.crt",
        f"--authentication-config={layout.authentication}",
        f"--tls-cert-file={certificates}/apiserver.crt",
        f"--tls-private-key-file={certificates}/apiserver.key",
        f"--kubelet-certificate-authority={certificates}/ca.crt",
        f"--kubelet-client-certificate={certificates}/kubelet-client.crt",
        f"--kubelet-client-key={certificates}/kubelet-client.key",
        # Node names need not resolve on the host then.
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-issuer=https://kubernetes.default.svc.{at.CLUSTER_DOMAIN}",
        f"--service-account-key-file={certificates}/service-accounts.key",
        f"--service-account-signing-key-file={certificates}/service-accounts.key",
        f"--audit-policy-file={layout.config}/audit-policy.json",
        f"--audit-log-path={layout.audit_log}",
        "--audit-log-maxsize=2000",
        "--audit-log-maxbackup=2",
        "--max-requests-inflight=1600",
        "--max-mutating-requests-inflight=800",
    ]


def _controller_manager(layout: Layout) -> list[str]:
    certificates = layout.certificates
    return [
        *_kubeconfigs(layout, "kube-controller-manager"),
        "--use-service-account-credentials=true",
        f"--root-ca-file={certificates}/ca.crt",
        f"--service-account-private-key-file={certificates}/service-accounts.key",
        f"--cluster-signing-cert-file={certificates}/ca.crt",
        f"--cluster-signing-key-file={certificates}/ca.key",
        "--leader-elect=false",
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
    ]


def _kubelet(layout: Layout) -> list[str]:
    return [
        f"--config={layout.config}/kubelet.json",
        f"--kubeconfig={layout.certificates}/kubelet.kubeconfig",
        f"--root-dir={layout.data}/kubelet",
        f"--cert-dir={layout.data}/kubelet/pki",
        f"--hostname-override={at.NODE_NAME}",
        f"--node-ip={at.NODE_IP}",
    ]


def _kubeconfigs(layout: Layout, name: str) -> list[str]:
    file = layout.certificates / f"{name}.kubeconfig"
    return [
        f"--kubeconfig={file}",
        f"--authentication-kubeconfig={file}",
        f"--authorization-kubeconfig={file}",
    ]


def _provisioner(layout: Layout) -> list[str]:
    kubeconfig = layout.certificates / "provisioner.kubeconfig"
    return ["-m", "tests.cluster.native.provisioner", str(kubeconfig), str(layout.volumes)]


def _kwok(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.certificates}/kwok.kubeconfig",
        f"--config={KWOK_STAGES}",
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        "--node-lease-duration-seconds=16",
        "--v=WARN",
    ]


def _health(port: int, path: str = "healthz", scheme: str = "https") -> str:
    return f"{scheme}://127.0.0.1:{port}/{path}"


PARTS: tuple[Part, ...] = (
    Part("etcd", _etcd, f"{at.ETCD_URL}/health", env=RELAXED_GC),
    Part(
        "containerd",
        lambda layout: [f"--config={layout.config}/containerd.toml"],
        str(CONTAINERD_SOCKET),
        program="containerd",
    ),
    Part("kube-apiserver", _apiserver, _health(at.API_PORT, "readyz"), ("etcd",), env=RELAXED_GC),
    Part("kubelet", _kubelet, _health(10248, scheme="http"), ("containerd", "kube-apiserver")),
    Part(
        "kube-scheduler",
        lambda layout: [
            f"--config={layout.config}/kube-scheduler.json",
            *_kubeconfigs(layout, "kube-scheduler")[1:],
        ],
        _health(10259),
        ("kube-apiserver",),
    ),
    Part("kube-controller-manager", _controller_manager, _health(10257), ("kube-apiserver",)),
    Part(
        "kube-proxy",
        lambda layout: [f"--config={layout.config}/kube-proxy.json"],
        _health(10256, scheme="http"),
        ("kube-apiserver",),
    ),
    Part(
        "coredns",
        lambda layout: [f"-conf={layout.config}/Corefile"],
        _health(at.DNS_READY_PORT, "ready", scheme="http"),
        ("kube-apiserver",),
    ),
    Part(
        "provisioner",
        _provisioner,
        "",
        ("kube-apiserver",),
        program=sys.executable,
        env={"PYTHONPATH": str(checkout())},
    ),
)
"""In the order in which they start; they stop in the reverse order."""

KWOK = Part("kwok", _kwok, "", ("kube-apiserver",))
"""Started only when somebody asks for fake nodes."""

BY_NAME = {part.name: part for part in (*PARTS, KWOK)}
