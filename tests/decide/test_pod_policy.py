"""The Pod policy: what each rule forbids, and what it lets pass."""

from typing import Any

import pytest

from controller.decide.pod_policy import accounts_named, pod_breaches, told_breaches
from controller.model.pod_policy import Level, PodPolicy, Rule, unopened

BASELINE = PodPolicy()
RESTRICTED = PodPolicy(level=Level.RESTRICTED)
SAFE_CONTEXT: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
SAFE: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [{"name": "main", "image": "tasks:1", "securityContext": SAFE_CONTEXT}],
}


def pod(**fields: Any) -> dict[str, Any]:
    """The spec of a Pod with one container, and these fields."""
    return {"containers": [{"name": "main"}], **fields}


def main(**fields: Any) -> dict[str, Any]:
    """The spec of a Pod whose container has these fields."""
    return {"containers": [{"name": "main", **fields}]}


def context(**fields: Any) -> dict[str, Any]:
    """The spec of a Pod whose container has this security context."""
    return main(securityContext=fields)


def paths(spec: Any, policy: PodPolicy = BASELINE, **more: Any) -> list[str]:
    """Where the policy finds something."""
    return [breach.path for breach in pod_breaches(spec, policy, "team", **more)]


MAIN = "spec.containers[0]"
FORBIDDEN: list[tuple[Rule, dict[str, Any], str]] = [
    (Rule.HOST_NETWORK, pod(hostNetwork=True), "spec.hostNetwork"),
    (Rule.HOST_NETWORK, pod(hostNetwork="true"), "spec.hostNetwork"),
    (Rule.HOST_PID, pod(hostPID=True), "spec.hostPID"),
    (Rule.HOST_IPC, pod(hostIPC=1), "spec.hostIPC"),
    (Rule.NODE_NAME, pod(nodeName="node-1"), "spec.nodeName"),
    (Rule.HOST_PORTS, main(ports=[{"containerPort": 80}, {"hostPort": 80}]), f"{MAIN}.ports[1].hostPort"),
    (Rule.HOST_PROBES, main(livenessProbe={"httpGet": {"host": "h"}}), f"{MAIN}.livenessProbe.httpGet.host"),
    (
        Rule.HOST_PROBES,
        main(lifecycle={"preStop": {"tcpSocket": {"host": "h"}}}),
        f"{MAIN}.lifecycle.preStop.tcpSocket.host",
    ),
    (
        Rule.HOST_PROCESS,
        pod(securityContext={"windowsOptions": {"hostProcess": True}}),
        "spec.securityContext.windowsOptions.hostProcess",
    ),
    (Rule.PRIVILEGED, context(privileged=True), f"{MAIN}.securityContext.privileged"),
    (
        Rule.PRIVILEGED,
        {"initContainers": [{"securityContext": {"privileged": True}}]},
        "spec.initContainers[0].securityContext.privileged",
    ),
    (Rule.CAPABILITIES, context(capabilities={"add": ["NET_RAW"]}), f"{MAIN}.securityContext.capabilities.add"),
    (Rule.CAPABILITIES, context(capabilities={"add": "ALL"}), f"{MAIN}.securityContext.capabilities.add"),
    (Rule.PROC_MOUNT, context(procMount="Unmasked"), f"{MAIN}.securityContext.procMount"),
    (
        Rule.SECCOMP,
        pod(securityContext={"seccompProfile": {"type": "Unconfined"}}),
        "spec.securityContext.seccompProfile.type",
    ),
    (Rule.APP_ARMOR, context(appArmorProfile={"type": ["x"]}), f"{MAIN}.securityContext.appArmorProfile.type"),
    (Rule.SE_LINUX, context(seLinuxOptions={"type": "spc_t"}), f"{MAIN}.securityContext.seLinuxOptions.type"),
    (Rule.SE_LINUX, context(seLinuxOptions={"user": "root"}), f"{MAIN}.securityContext.seLinuxOptions.user"),
    (
        Rule.SYSCTLS,
        pod(securityContext={"sysctls": [{"name": "kernel.msgmax"}]}),
        "spec.securityContext.sysctls[0].name",
    ),
    (Rule.UNKNOWN_FIELDS, pod(fieldOfTomorrow={}), "spec.fieldOfTomorrow"),
    (Rule.UNKNOWN_FIELDS, pod(HostNetwork=True), "spec.HostNetwork"),
    (Rule.UNKNOWN_FIELDS, pod(ephemeralContainers=[{"name": "x"}]), "spec.ephemeralContainers"),
    (Rule.UNKNOWN_FIELDS, context(newPower=True), f"{MAIN}.securityContext.newPower"),
    (Rule.UNKNOWN_FIELDS, pod(initContainers={}), "spec.initContainers"),
    (Rule.UNKNOWN_FIELDS, pod(containers=["main"]), MAIN),
]


@pytest.mark.parametrize(("rule", "spec", "path"), FORBIDDEN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_baseline_forbids(rule: Rule, spec: dict[str, Any], path: str) -> None:
    """Each is refused at its place, unless its rule is lifted by name, or nothing is judged."""
    assert paths(spec) == [path]
    assert paths(spec, PodPolicy(allow=(rule,))) == []
    assert paths(spec, PodPolicy(level=Level.PRIVILEGED)) == []
    assert path in paths(spec, RESTRICTED)


@pytest.mark.parametrize(
    "spec",
    [
        pod(),
        SAFE,
        pod(hostNetwork=False, hostPID=None, hostUsers=False, nodeName=""),
        main(ports=[{"containerPort": 80, "hostPort": 0}], livenessProbe={"httpGet": {"path": "/", "port": 80}}),
        context(privileged=False, capabilities={"add": ["CHOWN"]}, procMount="Default", runAsUser=0),
        context(seccompProfile={"type": "Localhost", "localhostProfile": "x"}, seLinuxOptions={"type": "container_t"}),
        pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}),
        pod(volumes=[{"name": "a", "emptyDir": {}}, {"name": "b", "projected": {"sources": [{"secret": {}}]}}]),
        pod(tolerations=[{"operator": "Exists"}], nodeSelector={"a": "b"}, affinity={"anything": 1}),
    ],
)
def test_what_baseline_lets_pass(spec: dict[str, Any]) -> None:
    """Ordinary Pods, also those that say what is so anyway."""
    assert paths(spec) == []


@pytest.mark.parametrize(
    ("volume", "path"),
    [
        ({"hostPath": {"path": "/"}}, "spec.volumes[0].hostPath"),
        ({"csi": {"driver": "x"}}, "spec.volumes[0].csi"),
        ({"nfs": {}, "emptyDir": {}}, "spec.volumes[0].nfs"),
        (
            {"projected": {"sources": [{"secret": {}}, {"podCertificate": {}}]}},
            "spec.volumes[0].projected.sources[1].podCertificate",
        ),
    ],
)
def test_volumes(volume: dict[str, Any], path: str) -> None:
    """Types that are not listed are refused, whatever stands beside them; the operator may list more."""
    assert paths(pod(volumes=[{"name": "v", **volume}])) == [path]
    more = PodPolicy(volumes=("hostPath", "csi", "nfs"))
    assert paths(pod(volumes=[{"name": "v", **volume}]), more) == ([path] if "projected" in volume else [])


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (SAFE, []),
        (
            pod(),
            [
                "allowPrivilegeEscalation",
                "runAsNonRoot",
                "seccompProfile.type",
                "capabilities.drop",
            ],
        ),
        ({**SAFE, "securityContext": {"runAsNonRoot": True}}, ["seccompProfile.type"]),
        (
            {**SAFE, "containers": [{"securityContext": {**SAFE_CONTEXT, "runAsUser": 0, "runAsNonRoot": False}}]},
            ["runAsNonRoot", "runAsUser"],
        ),
        (
            {
                **SAFE,
                "containers": [
                    {
                        "securityContext": {
                            **SAFE_CONTEXT,
                            "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "NET_BIND_SERVICE"]},
                        }
                    }
                ],
            },
            ["capabilities.add"],
        ),
        (
            {
                **SAFE,
                "containers": [
                    {"securityContext": {**SAFE_CONTEXT, "capabilities": {"drop": "ALL", "add": "NET_BIND_SERVICE"}}}
                ],
            },
            ["capabilities.drop"],
        ),
    ],
)
def test_what_restricted_asks_for(spec: dict[str, Any], found: list[str]) -> None:
    """A container's own word counts before the Pod's, and silence is not enough."""
    assert paths(spec, RESTRICTED) == [f"{MAIN}.securityContext.{path}" for path in found]


def test_rules_of_restricted_can_be_lifted() -> None:
    """By name, as those of baseline."""
    rules = (Rule.PRIVILEGE_ESCALATION, Rule.RUN_AS_ROOT, Rule.SECCOMP, Rule.CAPABILITIES)
    assert paths(pod(), PodPolicy(level=Level.RESTRICTED, allow=rules)) == []


@pytest.mark.parametrize("field", ["serviceAccountName", "serviceAccount"])
@pytest.mark.parametrize("level", Level)
def test_service_accounts(field: str, level: Level) -> None:
    """Under either of its names an account is for those who may use it, at each level; `default` is for all."""
    policy, spec = PodPolicy(level=level), {**SAFE, field: "loader"}
    assert paths(spec, policy) == [f"spec.{field}"]
    assert paths(spec, policy, granted={"other"}) == [f"spec.{field}"]
    assert paths(spec, policy, granted={"loader"}) == []
    assert paths({**SAFE, field: "default"}, policy) == []
    for listed in ("loader", "team/loader", "*"):
        assert paths(spec, PodPolicy(level=level, service_accounts=(listed,))) == []
    assert paths(spec, PodPolicy(level=level, service_accounts=("other/loader", "load"))) == [f"spec.{field}"]
    assert paths({**SAFE, field: ["loader"]}, policy) == [f"spec.{field}"]


def test_accounts_that_are_named() -> None:
    """Both fields are seen, and those that nobody opened are what is to be asked for."""
    assert dict(accounts_named(pod(serviceAccountName="a", serviceAccount="b"))) == {
        "serviceAccountName": "a",
        "serviceAccount": "b",
    }
    assert dict(accounts_named("no Pod")) == {}
    assert unopened(PodPolicy(service_accounts=("c",)), "team", ["b", "a", "default", "c", "a"]) == ("a", "b")


@pytest.mark.parametrize(
    ("policy", "name", "is_allowed"),
    [
        (BASELINE, "high", True),
        (BASELINE, "system-node-critical", False),
        (PodPolicy(level=Level.PRIVILEGED), "system-node-critical", True),
        (PodPolicy(priority_classes=("high",)), "high", True),
        (PodPolicy(priority_classes=("high",)), "low", False),
        (PodPolicy(level=Level.PRIVILEGED, priority_classes=()), "high", False),
        (PodPolicy(priority_classes=("system-node-critical",)), "system-node-critical", True),
    ],
)
def test_priority_classes(policy: PodPolicy, name: str, *, is_allowed: bool) -> None:
    """Those of the system are for the system; a list leaves no others."""
    assert paths(pod(priorityClassName=name), policy) == ([] if is_allowed else ["spec.priorityClassName"])


def test_runtime_classes() -> None:
    """All are allowed until some are listed."""
    assert paths(pod(runtimeClassName="gvisor")) == []
    assert paths(pod(runtimeClassName="runc"), PodPolicy(runtime_classes=("gvisor",))) == ["spec.runtimeClassName"]


@pytest.mark.parametrize("spec", [None, [], "hostNetwork", 3])
def test_what_is_no_spec(spec: Any) -> None:
    """It is refused, not passed over."""
    assert [str(breach) for breach in pod_breaches(spec, BASELINE, "team")] == ["spec is not an object"]


def test_what_is_told() -> None:
    """Five breaches in words, with the value and the place; the others are counted, and long values cut."""
    spec = pod(**{f"field{number}": 1 for number in range(7)})
    told = told_breaches(pod_breaches(spec, BASELINE, "team"))
    assert told.startswith("spec.field0 is not a field that the Pod policy knows; spec.field1 ")
    assert told.endswith("; and 2 more")
    [long] = pod_breaches(pod(hostNetwork="x" * 99), BASELINE, "team")
    assert str(long) == f"spec.hostNetwork {'x' * 59}… is not allowed by the Pod policy"
