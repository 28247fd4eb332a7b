"""Nothing -> the whole of Slipway at work before your eyes: cluster, image, chart, examples, runs, logs, rows.

python -m tests.e2e.demo
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Final

from tests.cluster import Cluster, ClusterError, cluster_up
from tests.cluster.progress import say, step
from tests.e2e.install import NAMESPACE, RELEASE, ROOT, install, kubectl, show

DEMO: Final = "demo"
WAIT_SECONDS: Final = 240
_FINAL: Final = ("Success", "Failed")

NEXT: Final = """
What to try next, after  export KUBECONFIG={kubeconfig} PATH={bin}:$PWD/.venv/bin:$PATH
  kubectl -n {system} port-forward service/{release}-web 8000:80 &      the UI is at http://localhost:8000 then;
  kubectl -n demo create token person                       sign in with the token that this prints
  kubectl -n demo get taskruns.slipway.dev -w               watch tasks; WHY says what one waits for
  slipway trigger greet -n demo -p who=Ada --wait           run a Dag with a param of your own
  kubectl -n demo describe taskrun.slipway.dev branching-first-measure     why it failed
  slipway validate examples/*.yaml                          check manifests without a cluster
  slipway next examples/06-schedule.yaml                    when a schedule fires
  make cluster-down                                         end it all
"""


def main() -> int:
    """Show it all; exit code 1 when something did not work."""
    begun = time.monotonic()
    try:
        cluster = cluster_up()
        install(cluster)
        runs = run_examples(cluster)
    except ClusterError as error:
        say(str(error))
        return 1
    tell(cluster)
    unexpected = sorted(name for name, state in runs.items() if state != "Success")
    print(NEXT.format(kubeconfig=cluster.kubeconfig, bin=cluster.kubectl.parent, system=NAMESPACE, release=RELEASE))
    if unexpected:
        say(f"These runs did not end as they should: {', '.join(unexpected)}")
        return 1
    say(f"{len(runs)} runs ended as they should. The demo took {time.monotonic() - begun:.0f} s.")
    return 0


def run_examples(cluster: Cluster) -> dict[str, str]:
    """Apply the examples, and the state of each run once all have ended."""
    if not _has_namespace(cluster):
        kubectl(cluster, "create", "namespace", DEMO)
    kubectl(cluster, "apply", "-f", str(ROOT / "tests/e2e/person.yaml"))
    with step("removing the runs of an earlier demo"):
        kubectl(cluster, "-n", DEMO, "delete", "dags.slipway.dev", "--all", "--wait=true", "--timeout=60s")
        _wait_for(cluster, lambda runs: not runs)
    with step("applying the examples"):
        kubectl(cluster, "-n", DEMO, "apply", "-f", str(ROOT / "examples"))
    with step("waiting for the runs"):
        return _wait_for(cluster, lambda runs: len(runs) >= 12 and all(state in _FINAL for state in runs.values()))


def tell(cluster: Cluster) -> None:
    """Print what a user would look at."""
    show(cluster, "-n", DEMO, "get", "dags,dagruns,taskruns.slipway.dev")
    show(cluster, "-n", DEMO, "logs", "rides-first-check-1")
    show(cluster, "-n", NAMESPACE, "exec", f"deployment/{RELEASE}", "-c", "controller", "--", "slipway", "db", "rows")


def _has_namespace(cluster: Cluster) -> bool:
    return bool(kubectl(cluster, "get", "namespace", DEMO, "--ignore-not-found", "-o", "name").strip())


def _wait_for(cluster: Cluster, holds: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """The runs' states, once they are as wanted."""
    give_up_at = time.monotonic() + WAIT_SECONDS
    while True:
        listed = json.loads(kubectl(cluster, "-n", DEMO, "get", "dagruns", "-o", "json"))
        states = {item["metadata"]["name"]: item.get("status", {}).get("state", "Queued") for item in listed["items"]}
        if holds(states):
            return states
        if time.monotonic() > give_up_at:
            raise ClusterError(f"after {WAIT_SECONDS} s the runs stand so: {states}")
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
