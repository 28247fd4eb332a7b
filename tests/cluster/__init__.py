"""Nothing -> a real Kubernetes cluster for the demo, the tests and the benchmarks.

python3 -m tests.cluster up        see `--help` for the rest
cluster = cluster_up()             the same from Python
"""

from __future__ import annotations

from tests.cluster import backends
from tests.cluster.commands import ClusterError
from tests.cluster.model import Cluster

__all__ = ["Cluster", "ClusterError", "cluster_up"]


def cluster_up(*, context: str | None = None, backend: str | None = None) -> Cluster:
    """The running cluster; started first if need be. Without arguments it is chosen as `up` chooses it."""
    chosen = backends.choose(context=context, name=backend)
    cluster = chosen.up()
    backends.remember(chosen)
    return cluster
