"""Number -> that many fake nodes, whose Pods run nothing: for tests of scale and of failure.

A Pod gets there only if it tolerates the taint `kwok.x-k8s.io/node=fake:NoSchedule`; the node selector
`type: kwok` keeps it off the real node.
"""

from __future__ import annotations

import json

from tests.cluster.native import addons, builds, lifecycle
from tests.cluster.native.layout import Layout
from tests.cluster.native.parts import KWOK

SELECTOR = "type=kwok"


def scale_nodes(layout: Layout, count: int) -> None:
    """Make the cluster have `count` fake nodes, named kwok-0 and up; kwok runs only while there are any."""
    if count:
        builds.link_programs(layout, builds.KWOK)
        lifecycle.start_part(KWOK)
        nodes = {"apiVersion": "v1", "kind": "List", "items": [_node(number) for number in range(count)]}
        addons.kubectl(layout, "apply", "-f", "-", stdin=json.dumps(nodes))
        addons.kubectl(layout, "wait", "--for=condition=Ready", "node", "-l", SELECTOR, "--timeout=60s")
    for name in _nodes(layout):
        if int(name.rpartition("-")[2]) >= count:
            addons.kubectl(layout, "delete", "node", name)
    if not count:
        lifecycle.stop_part(KWOK.name)


def _nodes(layout: Layout) -> list[str]:
    listed = addons.kubectl(layout, "get", "nodes", "-l", SELECTOR, "-o", "name")
    return [line.rpartition("/")[2] for line in listed.splitlines()]


def _node(number: int) -> dict[str, object]:
    name = f"kwok-{number}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"type": "kwok", "kubernetes.io/hostname": name},
            "annotations": {"kwok.x-k8s.io/node": "fake"},
        },
        "spec": {"taints": [{"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}]},
    }
