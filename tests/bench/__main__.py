"""The local cluster -> a table: Slipway beside bare Pods, each shape several times in turn, median and range.

python -m tests.bench [--repeats N] [--shape NAME]
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.bench.shapes import SHAPES, Place, Shape, create_dag, slipway
from tests.cluster import Cluster, ClusterError, cluster_up
from tests.cluster.native.kubeapi import Api
from tests.cluster.progress import say
from tests.e2e.install import install, kubectl

NAMESPACE: Final = "slipway-bench"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="counted rounds; one more comes first as a warm-up")
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], help="only this shape")
    options = parser.parse_args()
    try:
        cluster = cluster_up()
        # The installation's own limit is lifted: the benchmark asks how fast it can be.
        install(cluster, ["config.parallelism=100000"])
        with _namespace(cluster):
            for shape in SHAPES:
                if options.shape in (None, shape.name):
                    _print(shape, *_measure(cluster, shape, options.repeats))
    except ClusterError as error:
        say(str(error))
        return 1
    return 0


def _measure(cluster: Cluster, shape: Shape, repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of bare Pods and of Slipway, in turn."""
    place = Place(Api(cluster.kubeconfig), NAMESPACE, cluster.base_image)
    create_dag(place, shape)
    bare: list[float] = []
    ours: list[float] = []
    for number in range(repeats + 1):
        bare.append(shape.bare(place, f"{shape.name}-bare-{number}", shape.tasks))
        ours.append(slipway(place, shape, f"{shape.name}-{number}"))
        warm = "warm-up" if number == 0 else f"round {number} of {repeats}"
        say(f"{shape.name}, {warm}: bare Pods {bare[-1]:.2f} s, Slipway {ours[-1]:.2f} s")
        kubectl(cluster, "-n", NAMESPACE, "delete", "pods,dagruns", "--all", "--wait=true")
    return bare[1:], ours[1:]


def _print(shape: Shape, bare: list[float], ours: list[float]) -> None:
    ratios = [mine / floor for mine, floor in zip(ours, bare, strict=True)]
    print(f"\n{shape.name}: {shape.tasks} tasks, real Pods")
    for name, values in (("bare Pods, s", bare), ("Slipway, s", ours), ("ratio", ratios)):
        print(f"  {name:<14}{_told(values)}")
    met = "met" if statistics.median(ratios) <= shape.goal else "missed"
    print(f"  {'goal':<14}at most {shape.goal:.2f}: {met}", flush=True)


def _told(values: list[float]) -> str:
    return f"median {statistics.median(values):6.2f}   range {min(values):.2f} to {max(values):.2f}"


@contextmanager
def _namespace(cluster: Cluster) -> Iterator[None]:
    kubectl(cluster, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl(cluster, "create", "namespace", NAMESPACE)
    try:
        yield
    finally:
        kubectl(cluster, "delete", "namespace", NAMESPACE, "--wait=false")


if __name__ == "__main__":
    sys.exit(main())
