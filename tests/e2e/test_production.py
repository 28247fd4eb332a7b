"""A newcomer installs Slipway for production with the words of docs/install.md, and then things go wrong.

PostgreSQL and two controllers, one installation for all tests of this file, which go on from one another: the leader
is killed, the database is lost, Slipway is upgraded and rolled back, a backup is restored, all with runs at work.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.cluster import Cluster
from tests.e2e.chain import ALL_WELL, a_chain_at_work, went_well
from tests.e2e.documented import Shell, blocks, exported, manifest
from tests.e2e.install import NAMESPACE, RELEASE, ROOT, install, kubectl, left_behind, provided_image, uninstall
from tests.e2e.pod_database import PodDatabase, make_secret, pod_database
from tests.e2e.world import World
from tests.s3_server import s3_server

pytestmark = pytest.mark.cluster

TAKEOVER_SECONDS: Final = 25
"""From the leader's death to the first new progress (15 s of them are the Lease's)."""
OUTAGE_SECONDS: Final = float(os.environ.get("OUTAGE_SECONDS", "60"))
"""How long the database is away; 300 is what is promised, and what a nightly run should say."""


@pytest.fixture(scope="module")
def database(cluster: Cluster) -> Iterator[PodDatabase]:
    """The database that the newcomer has."""
    with pod_database(cluster, "production") as found:
        yield found


@pytest.fixture(scope="module")
def shell(cluster: Cluster, database: PodDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """The newcomer's shell, once every command of the section has run; afterwards all is as before."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / "charts").symlink_to(ROOT / "charts")
    repository, _, tag = provided_image(cluster).rpartition(":")
    variables = {
        "NAMESPACE": NAMESPACE,
        "IMAGE": repository,
        "TAG": tag,
        "TASK_IMAGE": cluster.base_image,
        "HOST": "slipway.example.org",
        "DATABASE_URL": database.url,
    }
    shell = Shell(cluster, folder, variables)
    settings, *steps = blocks("Production")
    assert exported(settings) == set(variables)
    uninstall(cluster)
    try:
        for step in steps:
            shell.run(step)
        yield shell
    finally:
        uninstall(cluster)
        kubectl(cluster, "-n", NAMESPACE, "delete", "secret", "slipway-database", "--ignore-not-found")
        kubectl(cluster, "label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce-")
        assert left_behind(cluster) == []
        install(cluster)


def _pods(cluster: Cluster) -> set[str]:
    selector = "app.kubernetes.io/component=controller"
    return set(kubectl(cluster, "-n", NAMESPACE, "get", "pods", "-l", selector, "-o", "name").split())


def _leader(cluster: Cluster) -> str:
    """The Pod that holds the Lease; empty while nobody does."""
    words = ("-n", NAMESPACE, "get", "lease", RELEASE, "-o", "jsonpath={.spec.holderIdentity}")
    return kubectl(cluster, *words).rpartition("_")[0]


def test_the_installation_works(shell: Shell, cluster: Cluster) -> None:
    """Both controllers and both web servers are ready where *restricted* is enforced, and one controller leads."""
    for deployment in (RELEASE, f"{RELEASE}-web"):
        words = ("-n", NAMESPACE, "get", "deployment", deployment, "-o", "jsonpath={.status.readyReplicas}")
        assert kubectl(cluster, *words) == "2"
    assert _leader(cluster) in {pod.removeprefix("pod/") for pod in _pods(cluster)}


def test_the_web_server_scales(shell: Shell, cluster: Cluster) -> None:
    """Any number of them serve at once; one that goes takes no state along."""
    web = ("-n", NAMESPACE, "scale", f"deployment/{RELEASE}-web")
    kubectl(cluster, *web, "--replicas=4")
    _rolled_out(cluster)
    words = ("-n", NAMESPACE, "get", "pods", "-l", "app.kubernetes.io/component=web", "-o", "name")
    pods = [name.removeprefix("pod/") for name in kubectl(cluster, *words).split()]
    assert len(pods) == 4
    for pod in pods:
        assert kubectl(cluster, "get", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:8081/proxy/readyz")
    kubectl(cluster, *web, "--replicas=2")


def test_a_killed_leader_is_replaced(shell: Shell, database: PodDatabase, world: World) -> None:
    """The standby takes over in the middle of a run within the promised time, and nothing runs twice."""
    run = a_chain_at_work(world, "orphaned")
    leader = _leader(world.cluster)
    kubectl(world.cluster, "-n", NAMESPACE, "delete", "pod", leader, "--grace-period=0", "--force")
    begun = time.monotonic()
    world.until("another leads", lambda: _leader(world.cluster) not in ("", leader), TAKEOVER_SECONDS)
    # The first task may have ended before; what nobody but a leader does is to begin the second.
    world.until(
        "the run goes on", lambda: world.task(run, "second"), max(1, TAKEOVER_SECONDS - time.monotonic() + begun)
    )
    went_well(world, database, run)


def test_a_lost_database_delays_nothing(shell: Shell, database: PodDatabase, world: World) -> None:
    """Runs begin and end while it is away, also under a new leader; once it is back, no row is missing."""
    _rolled_out(world.cluster)
    world.dag("quick", [{"name": "t", "script": "true"}])
    runs: list[str] = []
    database.server.stop()
    back_at = time.monotonic() + OUTAGE_SECONDS
    try:
        while time.monotonic() < back_at or len(runs) < 3:
            run = world.trigger("quick", f"quick-{len(runs)}")
            begun = time.monotonic()
            assert world.ended(run, seconds=60)["status"]["state"] == "Success"
            assert time.monotonic() - begun < 60
            runs.append(run)
            if len(runs) == 2:
                leader = _leader(world.cluster)
                kubectl(world.cluster, "-n", NAMESPACE, "delete", "pod", leader, "--grace-period=0", "--force")
            time.sleep(2)  # runs enough to see a gap, and no more
    finally:
        database.server.start()
    world.until("they are in the rows", lambda: all(database.states(run) == {"t": "Success"} for run in runs), 90)
    _rolled_out(world.cluster)


def _rolled_out(cluster: Cluster) -> None:
    """Every Pod of both Deployments is ready; one that began without a database was tried again ever more seldom."""
    for deployment in (RELEASE, f"{RELEASE}-web"):
        kubectl(cluster, "-n", NAMESPACE, "rollout", "status", f"deployment/{deployment}", "--timeout=400s")


@pytest.mark.parametrize("section", ["Upgrading", "Rolling back"])
def test_a_new_version_and_back(shell: Shell, database: PodDatabase, world: World, section: str) -> None:
    """With the documented command, in the middle of a run: every controller is another, and the run notices nothing."""
    run = a_chain_at_work(world, section.lower().replace(" ", "-"))
    before = _pods(world.cluster)
    if section == "Upgrading":
        values = shell.folder / "values.yaml"
        values.write_text(
            values.read_text().replace("controller:\n", "controller:\n  podAnnotations: {version: next}\n")
        )
    (command,) = blocks(section)
    shell.run(command)
    world.until("every controller is another one", lambda: not before & _pods(world.cluster), 60)
    went_well(world, database, run)


def test_the_backup_of_each_night(
    shell: Shell, database: PodDatabase, world: World, s3_program: Path, tmp_path: Path
) -> None:
    """The documented CronJob writes a whole backup into a bucket, from a Pod where *restricted* is enforced."""
    system = ("-n", NAMESPACE)
    address = kubectl(world.cluster, "get", "nodes", "-o", "jsonpath={.items[0].status.addresses[0].address}")
    job = manifest(ROOT / "docs/backup.md", "A backup each night")
    with s3_server(s3_program, tmp_path, address, "backups") as variables:
        make_secret(world.cluster, NAMESPACE, "backup-bucket", **variables)
        made = job.replace("<the controller's image>", f"{shell.variables['IMAGE']}:{shell.variables['TAG']}")
        kubectl(world.cluster, "apply", "-f", "-", stdin=made)
        try:
            kubectl(world.cluster, *system, "create", "job", "--from=cronjob/slipway-backup", "tonight")
            kubectl(world.cluster, *system, "wait", "--for=condition=Complete", "job/tonight", "--timeout=120s")
            [written] = (tmp_path / "s3/backups/slipway").iterdir()
            exports = " ".join(f"{name}={value}" for name, value in variables.items())
            said = shell.run(
                f"{exports} slipway restore s3://backups/slipway/{written.name} --resources-only --dry-run"
            )
            assert " is whole: " in said
        finally:
            kubectl(world.cluster, "delete", "--ignore-not-found", "-f", "-", stdin=made)
            kubectl(world.cluster, *system, "delete", "secret", "backup-bucket")


def _only_here(world: World) -> bool:
    """Whether the Dags of earlier tests are all gone."""
    said = kubectl(world.cluster, "get", "dags", "-A", "-o", "jsonpath={.items[*].metadata.namespace}")
    return set(said.split()) == {world.namespace}


def _scaled(cluster: Cluster, replicas: int) -> None:
    kubectl(cluster, "-n", NAMESPACE, "scale", f"deployment/{RELEASE}", f"--replicas={replicas}")


def test_a_backup_brings_back_what_was_destroyed(shell: Shell, database: PodDatabase, world: World) -> None:
    """Without its Dags, its runs and its database, all of them are back as they were, and nothing runs twice."""
    run = a_chain_at_work(world, "kept")
    went_well(world, database, run)
    world.until("no other test has Dags", lambda: _only_here(world))
    slipway = f"SLIPWAY_DATABASE_URL='{database.server.url(database.name)}' slipway"
    shell.run(f"{slipway} backup everything.backup")
    _scaled(world.cluster, 0)
    world.until("the controllers are gone", lambda: not _pods(world.cluster))
    # With nobody to take our finalizer off, the Pods of the run would stay for ever.
    shell.run(f"slipway release-pods -n {world.namespace}")
    world.kubectl("delete", "dags", "--all", "--timeout=60s")
    world.until("the run is gone", lambda: not world.listed("dagruns"))
    database.recreate()
    shell.run(f"{slipway} restore everything.backup")
    pods = len(world.our_writes())
    _scaled(world.cluster, 2)
    _rolled_out(world.cluster)
    restored = world.get("dagrun", run)["status"]
    assert restored["state"] == "Success"
    assert restored["tasks"] == "3/3"
    assert database.states(run) == ALL_WELL
    # A later run goes as ever; were the restored one decided anew, its Pods would come before.
    world.trigger("kept", "later")
    assert world.ended("later")["status"]["state"] == "Success"
    created = [each for each in world.our_writes()[pods:] if each["verb"] == "create"]
    assert not [each for each in created if each["objectRef"].get("name", "").startswith(f"{run}-")]
