"""The webhook in a real cluster: what it refuses, what it notes, and that nothing hangs on it."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.cluster import Cluster, ClusterError
from tests.e2e.install import NAMESPACE as SYSTEM
from tests.e2e.install import RELEASE, helm_install, kubectl, provided_image
from tests.e2e.local_controller import installed_one_stopped
from tests.e2e.world import World, dag, dag_run

pytestmark = pytest.mark.cluster

OK: Final[dict[str, Any]] = {"name": "ok", "script": "true"}
LOADER: Final[dict[str, Any]] = {**OK, "serviceAccountName": "loader"}
CYCLE: Final = [{**OK, "name": "a", "dependsOn": ["b"]}, {**OK, "name": "b", "dependsOn": ["a"]}]
CONFIGURATIONS: Final = ("validatingwebhookconfiguration", "mutatingwebhookconfiguration")
CREATED_BY: Final = "slipway.dev/created-by"
SECRET: Final = f"{RELEASE}-webhook"


def annotations(world: World, kind: str, name: str) -> dict[str, str]:
    """The annotations of an object."""
    found: dict[str, str] = world.get(kind, name)["metadata"].get("annotations", {})
    return found


def sent(manifest: dict[str, Any], **stamps: str) -> str:
    """A manifest as text, with these annotations in the name of Slipway."""
    said = {f"slipway.dev/{name.replace('_', '-')}": value for name, value in stamps.items()}
    return json.dumps({**manifest, "metadata": {**manifest["metadata"], "annotations": said}})


@pytest.fixture
def ada(world: World) -> World:
    """A namespace where Ada may do with Dags and runs what she likes, and nothing else."""
    return _with_ada(world)


@pytest.fixture(scope="module")
def module_ada(module_world: World) -> World:
    """Such a namespace for refusals, which leave nothing in it."""
    return _with_ada(module_world)


def _with_ada(world: World) -> World:
    verbs = "--verb=get,list,create,update,patch,delete"
    world.kubectl("create", "role", "author", verbs, "--resource=dags.slipway.dev,dagruns.slipway.dev")
    world.kubectl("create", "rolebinding", "author", "--role=author", "--user=ada")
    return world


def as_ada(world: World, text: str) -> str:
    """What kubectl says when Ada applies a manifest; ClusterError with its message when she is refused."""
    return world.kubectl("--as", "ada", "apply", "-f", "-", stdin=text)


def refused(world: World, text: str) -> str:
    """Why Ada is refused."""
    with pytest.raises(ClusterError) as caught:
        as_ada(world, text)
    return str(caught.value)


def client_configs(cluster: Cluster) -> list[dict[str, Any]]:
    """How the API server calls each of the webhooks."""
    found = []
    for kind in CONFIGURATIONS:
        raw = json.loads(kubectl(cluster, "get", kind, f"{RELEASE}-{SYSTEM}", "-o", "json"))
        found += [each["clientConfig"] for each in raw["webhooks"]]
    return found


def test_kubectl_says_at_once_what_is_wrong(world: World) -> None:
    """The sentence is the one of the condition Ready, and nothing is stored."""
    said = world.refused(dag("cycle", CYCLE))
    assert 'admission webhook "validate-dags.slipway.dev" denied the request' in said
    assert "spec.tasks: the tasks form a cycle: a -> b -> a" in said
    assert world.listed("dags") == []


def test_params_of_a_run_are_told_at_once(world: World) -> None:
    """A run with a wrong param is not stored; one of a Dag that is not there comes with a warning, and waits."""
    world.dag("daily", [OK], params={"day": {"type": "string"}})
    assert "param day is wrong: 3 is not of type 'string'" in world.refused(dag_run("daily", "r", params={"day": 3}))
    assert "param day is required" in world.refused(dag_run("daily", "r"))
    world.trigger("later", "later-run")
    assert world.get("dagrun", "later-run")["spec"]["dagRef"]["name"] == "later"


def test_what_is_wrong_already_can_be_changed_and_deleted(world: World, cluster: Cluster) -> None:
    """A Dag that came while the webhook was down is not Ready, can be labelled and paused, and goes."""
    with installed_one_stopped(cluster):
        world.apply(dag("cycle", CYCLE))
    ready = world.until("a condition", lambda: world.condition("dag", "cycle", "Ready"), 60)
    assert (ready["status"], ready["reason"]) == ("False", "Invalid")
    _until_it_answers(world)
    world.kubectl("label", "dag", "cycle", "team=blue")
    world.kubectl("patch", "dag", "cycle", "--type=merge", "-p", '{"spec":{"paused":true}}')
    world.kubectl("delete", "dag", "cycle", "--timeout=30s")


def _until_it_answers(world: World) -> None:
    """Wait until the webhook is back: then a dry run of a cycle is refused."""

    def answers() -> bool:
        try:
            world.kubectl("apply", "--dry-run=server", "-f", "-", stdin=json.dumps(dag("probe", CYCLE)))
        except ClusterError as error:
            return "form a cycle" in str(error)
        return False

    world.until("the webhook answers", answers, 60)


def test_the_author_is_noted_and_carried_to_the_pod(ada: World) -> None:
    """Whatever she writes herself, Ada is named: on the Dag, on the run, in its column and on its Pod."""
    as_ada(ada, sent(dag("etl", [OK]), created_by="bob", written_by="x bob", may_use="x root"))
    said = annotations(ada, "dag", "etl")
    assert said[CREATED_BY] == "ada"
    assert said["slipway.dev/written-by"].endswith(" ada")
    assert "slipway.dev/may-use" not in said
    as_ada(ada, sent(dag_run("etl", "etl-run"), created_by="bob"))
    assert annotations(ada, "dagrun", "etl-run")[CREATED_BY] == "ada"
    ada.ended("etl-run")
    [pod] = ada.listed("pods", "slipway.dev/run=etl-run")
    told = pod["metadata"]["annotations"]
    assert (told[CREATED_BY], told["slipway.dev/written-by"]) == ("ada", "ada")
    ada.kubectl("annotate", "dag", "etl", f"{CREATED_BY}=bob", "--overwrite")
    assert annotations(ada, "dag", "etl")[CREATED_BY] == "ada"


def test_nobody_forges_while_the_webhook_is_down(ada: World, cluster: Cluster) -> None:
    """The API server itself refuses another's name, and an account that Ada may not use; the rest passes."""
    with installed_one_stopped(cluster):
        assert "created-by is Slipway's own" in refused(ada, sent(dag("forged", [OK]), created_by="bob"))
        assert "written-by is Slipway's own" in refused(ada, sent(dag("forged", [OK]), written_by=f"{'0' * 32} bob"))
        assert "may not use" in refused(ada, sent(dag("forged", [LOADER]), may_use=f"{'0' * 32} loader"))
        as_ada(ada, sent(dag("plain", [LOADER])))
    ready = ada.until("a condition", lambda: ada.condition("dag", "plain", "Ready"), 60)
    assert (ready["status"], ready["reason"]) == ("False", "PodForbidden")
    assert "loader needs the Dag's author to have the right `use`" in ready["message"]
    _until_it_answers(ada)


@pytest.mark.parametrize(
    "fields",
    [
        {"tasks": [LOADER]},
        {"tasks": [OK], "defaults": {"serviceAccountName": "loader"}},
        {"tasks": [OK], "defaults": {"pod": {"serviceAccountName": "loader"}}},
        {"tasks": [{**OK, "pod": {"serviceAccount": "loader"}}]},
    ],
)
def test_an_account_needs_the_right_to_use_it(module_ada: World, fields: dict[str, Any]) -> None:
    """Wherever it is named, Ada is refused."""
    assert "loader needs the Dag's author to have the right `use`" in refused(module_ada, sent(dag("loads", **fields)))


def test_who_may_use_an_account(ada: World) -> None:
    """The Dag is run with it."""
    ada.kubectl("create", "serviceaccount", "loader")
    rule = {"apiGroups": [""], "resources": ["serviceaccounts"], "resourceNames": ["loader"], "verbs": ["use"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "loads"}}
    ada.apply({**role, "rules": [rule]})
    ada.kubectl("create", "rolebinding", "loads", "--role=loads", "--user=ada")
    ada.until("Ada may use it", lambda: _is_taken(ada, sent(dag("loads", [LOADER]))), 10)
    as_ada(ada, sent(dag_run("loads", "loads-run")))
    assert ada.ended("loads-run")["status"]["state"] == "Success"
    [pod] = ada.listed("pods", "slipway.dev/run=loads-run")
    assert pod["spec"]["serviceAccountName"] == "loader"


def _is_taken(ada: World, manifest: str) -> bool:
    try:
        as_ada(ada, manifest)
    except ClusterError:
        return False
    return True


@pytest.mark.parametrize(
    "fragment",
    [
        {"hostNetwork": True},
        {"containers": [{"name": "main", "securityContext": {"privileged": True}}]},
        {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
    ],
)
def test_forbidden_pods(module_ada: World, fragment: dict[str, Any]) -> None:
    """Not even an administrator's Dag has them, where the policy says baseline."""
    assert "the Pod of task ok: spec." in module_ada.refused(dag("mighty", [{**OK, "pod": fragment}]))


def test_the_controllers_own_namespace(cluster: Cluster) -> None:
    """Dags and runs are refused there."""
    for manifest in (dag("mine", [OK]), dag_run("mine", "mine-run")):
        with pytest.raises(ClusterError, match="own namespace"):
            kubectl(cluster, "-n", SYSTEM, "apply", "-f", "-", stdin=json.dumps(manifest))


def test_a_helm_upgrade_leaves_the_webhook_alone(cluster: Cluster) -> None:
    """The bundle and the path stay."""
    before = client_configs(cluster)
    helm_install(cluster, provided_image(cluster), ["web.service.port=8080"])
    assert client_configs(cluster) == before
    helm_install(cluster, provided_image(cluster), [])


@pytest.fixture(scope="module")
def short_lived(cluster: Cluster) -> Iterator[None]:
    """Certificates hold for a minute, and are looked at every 3 s instead of each minute."""
    name = "SLIPWAY_WEBHOOK_CERTIFICATE_SECONDS"
    _set_env(cluster, f"{name}=60")
    kubectl(cluster, "-n", SYSTEM, "rollout", "status", f"deployment/{RELEASE}", "--timeout=120s")
    yield
    with installed_one_stopped(cluster):
        _set_env(cluster, f"{name}-")
        _empty_secret(cluster)


def _set_env(cluster: Cluster, word: str) -> None:
    kubectl(cluster, "-n", SYSTEM, "set", "env", f"deployment/{RELEASE}", "-c", "controller", word)


def _empty_secret(cluster: Cluster) -> None:
    kubectl(cluster, "-n", SYSTEM, "patch", "secret", SECRET, "--type=merge", "-p", '{"data":null}')


def test_a_bundle_that_is_taken_away(world: World, cluster: Cluster, short_lived: None) -> None:
    """It is put back, and both configurations agree."""
    gone = json.dumps([{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}])
    kubectl(cluster, "patch", CONFIGURATIONS[0], f"{RELEASE}-{SYSTEM}", "--type=json", "-p", gone)
    world.until("it is back", lambda: _is_agreed(cluster), 20)
    _until_it_answers(world)


def test_an_emptied_secret(world: World, cluster: Cluster, short_lived: None) -> None:
    """It gets a new certificate, and the webhook goes on."""
    before = client_configs(cluster)
    _empty_secret(cluster)
    _until_another_bundle(world, before, 20)


def test_a_certificate_is_renewed_before_it_ends(world: World, cluster: Cluster, short_lived: None) -> None:
    """Twice within two minutes, as each holds for one; the webhook answers by the new ones."""
    for _ in range(2):
        _until_another_bundle(world, client_configs(cluster), 60)


def _until_another_bundle(world: World, before: list[dict[str, Any]], seconds: float) -> None:
    told = before[0]["caBundle"]
    world.until("another bundle", lambda: client_configs(world.cluster)[0].get("caBundle", told) != told, seconds)
    world.until("all agree", lambda: _is_agreed(world.cluster), 20)
    _until_it_answers(world)


def _is_agreed(cluster: Cluster) -> bool:
    """Whether every webhook has a bundle, and all the same one."""
    bundles = {each.get("caBundle") for each in client_configs(cluster)}
    return len(bundles) == 1 and None not in bundles


def test_subresources_are_not_asked_about(cluster: Cluster) -> None:
    """The webhook never sees the controller's status writes, and blocks nothing when it is away."""
    for kind in CONFIGURATIONS:
        raw = json.loads(kubectl(cluster, "get", kind, f"{RELEASE}-{SYSTEM}", "-o", "json"))
        for each in raw["webhooks"]:
            assert each["failurePolicy"] == "Ignore"
            assert each["timeoutSeconds"] <= 5
            assert all("/" not in resource for rule in each["rules"] for resource in rule["resources"])
