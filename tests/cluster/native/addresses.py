"""Nothing -> the addresses, ports and names of the native cluster.

One native cluster runs on a machine at a time, so they are fixed. All daemons talk over the bridge
that the Pods are attached to: its address does not change when the machine's network does.
"""

from __future__ import annotations

BRIDGE = "slipway0"
NODE_NAME = "slipway"
NODE_IP = "10.244.0.1"
POD_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
API_SERVICE_IP = "10.96.0.1"
DNS_SERVICE_IP = "10.96.0.10"
CLUSTER_DOMAIN = "cluster.local"

API_PORT = 6443
ETCD_PORT = 12379
ETCD_PEER_PORT = 12380
KUBELET_PORT = 10250
DNS_PORT = 10053
DNS_READY_PORT = 10054

API_URL = f"https://{NODE_IP}:{API_PORT}"
ETCD_URL = f"http://127.0.0.1:{ETCD_PORT}"

LISTENING_PORTS = {
    API_PORT: "kube-apiserver",
    ETCD_PORT: "etcd",
    KUBELET_PORT: "kubelet",
    DNS_READY_PORT: "coredns",
}
"""Ports that must be free before the cluster starts, with the part that needs each."""
