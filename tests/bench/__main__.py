"""The local cluster -> a table: Slipway beside bare Pods, each shape several times in turn, median and range.

python -m tests.bench [--repeats N] [--shape NAME]
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from tests.bench.shapes import SHAPES, Place, Shape, create_dag, plain_spec, slipway, task_spec
from tests.cluster import Cluster, ClusterError, cluster_up
from tests.cluster.native.kubeapi import Api
from tests.cluster.progress import say, step
from tests.e2e.install import install, kubectl

NAMESPACE: Final = "slipway-bench"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="counted rounds; a warm-up comes first")
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], help="only this shape")
    options = parser.parse_args()
    try:
        cluster = cluster_up()
        # The installation's own limit is lifted: the benchmark asks how fast it can be.
        install(cluster, ["config.parallelism=100000"])
        with _namespace(cluster):
            for shape in SHAPES:
                if options.shape in (None, shape.name):
                    _print(shape, _measure(cluster, shape, options.repeats))
    except ClusterError as error:
        say(str(error))
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of each system, one after the other."""

    plain: float
    same: float
    slipway: float


def _measure(cluster: Cluster, shape: Shape, repeats: int) -> list[Round]:
    """The counted rounds."""
    place = Place(Api(cluster.kubeconfig), NAMESPACE, cluster.base_image)
    create_dag(place, shape)
    with step(f"{shape.name}: warm-up"):
        slipway(place, shape, f"{shape.name}-0")
        specs = {"plain": plain_spec(place.image), "same": task_spec(place, f"{shape.name}-0")}
        _cleared(cluster)
    rounds = []
    for number in range(1, repeats + 1):
        seconds = {}
        for word, spec in specs.items():
            seconds[word] = shape.bare(place, spec, f"{shape.name}-{word}-{number}", shape.tasks)
            _cleared(cluster)
        rounds.append(Round(**seconds, slipway=slipway(place, shape, f"{shape.name}-{number}")))
        _cleared(cluster)
        told = f"bare Pods {rounds[-1].plain:.2f} s, with a task's spec {rounds[-1].same:.2f} s"
        say(f"{shape.name}, round {number} of {repeats}: {told}, Slipway {rounds[-1].slipway:.2f} s")
    return rounds


def _cleared(cluster: Cluster) -> None:
    """Nothing of a round is left to weigh on the next one."""
    kubectl(cluster, "-n", NAMESPACE, "delete", "pods,dagruns", "--all", "--wait=true")


def _print(shape: Shape, rounds: list[Round]) -> None:
    ratios = [each.slipway / each.plain for each in rounds]
    print(f"\n{shape.name}: {shape.tasks} tasks, real Pods")
    rows = {
        "bare Pods, s": [each.plain for each in rounds],
        "same spec, s": [each.same for each in rounds],
        "Slipway, s": [each.slipway for each in rounds],
        "to bare": ratios,
        "to same spec": [each.slipway / each.same for each in rounds],
    }
    for name, values in rows.items():
        print(f"  {name:<14}{_told(values)}")
    met = "met" if statistics.median(ratios) <= shape.goal else "missed"
    print(f"  {'goal':<14}at most {shape.goal:.2f} to bare: {met}", flush=True)


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
