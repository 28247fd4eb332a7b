"""Layout -> the configuration files that the parts are started with.

Each function below is one file. JSON is YAML, so the Kubernetes parts read what `json` writes.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.cluster.commands import succeeds
from tests.cluster.native import addresses as at
from tests.cluster.native.images import PAUSE_IMAGE
from tests.cluster.native.layout import CNI_BIN, CONTAINERD_SOCKET, CONTAINERD_STATE, Layout

AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}
"""Who asked for what, and when it was answered; tests count a client's writes in it."""

AUTHENTICATION = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "jwt": []}
"""Whose tokens the API server takes besides its own: nobody's, until a test writes its provider into the file.
The server reads it anew when it changes."""


def write_all(layout: Layout) -> None:
    """Write every file below `.slipway/config`."""
    (layout.config / "cni").mkdir(parents=True, exist_ok=True)
    files = {
        "containerd.toml": _containerd(layout),
        "cni/slipway.conflist": json.dumps(_cni(layout), indent=1),
        "kubelet.json": json.dumps(_kubelet(layout), indent=1),
        "kube-proxy.json": json.dumps(_kube_proxy(layout), indent=1),
        "kube-scheduler.json": json.dumps(_scheduler(layout), indent=1),
        "audit-policy.json": json.dumps(AUDIT_POLICY, indent=1),
        "authentication.json": json.dumps(AUTHENTICATION, indent=1),
        "Corefile": _corefile(layout),
    }
    for name, text in files.items():
        (layout.config / name).write_text(text)


def _containerd(layout: Layout) -> str:
    return f"""\
version = 2
root = "{layout.data}/containerd"
state = "{CONTAINERD_STATE}"
oom_score = 0
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
path = "{layout.data}/opt"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/{PAUSE_IMAGE}"
# A machine without CAP_SYS_RESOURCE may not lower a process's score; every sandbox would fail.
restrict_oom_score_adj = true
# Below our own state folder, so that `down` can tell our namespaces from another engine's.
netns_mounts_under_state_dir = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_BIN}"
conf_dir = "{layout.config}/cni"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "{_snapshotter(layout)}"
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""


def _cni(layout: Layout) -> dict[str, object]:
    bridge = {
        "type": "bridge",
        "bridge": at.BRIDGE,
        "isGateway": True,
        "isDefaultGateway": True,
        # A Pod may reach itself through its own Service.
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.data / "addresses"),
            "ranges": [[{"subnet": at.POD_CIDR, "gateway": at.NODE_IP}]],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "slipway", "plugins": [bridge, ports]}


def _kubelet(layout: Layout) -> dict[str, object]:
    certificates = layout.certificates
    never = {"memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%"}
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificates / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(certificates / "kubelet-server.key"),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "podLogsDir": str(layout.data / "pod-logs"),
        "volumePluginDir": str(layout.data / "volume-plugins"),
        "clusterDNS": [at.DNS_SERVICE_IP],
        "clusterDomain": at.CLUSTER_DOMAIN,
        # The three that let it run on any machine: old control groups, swap, a full disk.
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "evictionHard": {**never, "nodefs.inodesFree": "0%", "imagefs.inodesFree": "0%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "oomScoreAdj": 0,
        "maxPods": 250,
        "nodeStatusMaxImages": -1,
        # No limit of the kubelet's own may hide how fast the controller is; 0 means none.
        "kubeAPIQPS": 500,
        "kubeAPIBurst": 1000,
        "eventRecordQPS": 0,
        "registryPullQPS": 0,
        "serializeImagePulls": False,
    }


def _kube_proxy(layout: Layout) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(layout.certificates / "kube-proxy.kubeconfig")},
        "hostnameOverride": at.NODE_NAME,
        "clusterCIDR": at.POD_CIDR,
        "mode": "iptables",
        "iptables": {"minSyncPeriod": "200ms", "syncPeriod": "30s"},
        # Zeros leave the kernel's settings alone: a container may not change them.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "oomScoreAdj": 0,
    }


def _scheduler(layout: Layout) -> dict[str, object]:
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {
            "kubeconfig": str(layout.certificates / "kube-scheduler.kubeconfig"),
            "qps": 1000,
            "burst": 2000,
        },
        "leaderElection": {"leaderElect": False},
    }


def _corefile(layout: Layout) -> str:
    return f"""\
.:{at.DNS_PORT} {{
    bind {at.NODE_IP}
    errors
    ready 127.0.0.1:{at.DNS_READY_PORT}
    kubernetes {at.CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig "{layout.certificates}/coredns.kubeconfig"
        pods insecure
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }}
    forward . /etc/resolv.conf
    cache 10
}}
"""


def _snapshotter(layout: Layout) -> str:
    """Overlays, unless the checkout itself lies on one: the kernel does not stack them; then plain copies."""
    layout.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=layout.data) as scratch:
        lower, upper, work, merged = (Path(scratch) / name for name in ("lower", "upper", "work", "merged"))
        for folder in (lower, upper, work, merged):
            folder.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        if not succeeds(["mount", "-t", "overlay", "overlay", "-o", options, merged]):
            return "native"
        succeeds(["umount", merged])
        return "overlayfs"
