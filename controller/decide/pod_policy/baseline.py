"""What the baseline Pod Security Standard forbids, and `nodeName`, which goes around the cluster's scheduler.

Values are compared with those that are allowed, never with those that are not: what has the wrong type is a breach.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from controller.decide.pod_policy.breach import Breach, containers_in, contexts_in, object_in, objects_in, shown
from controller.model.pod_policy import PodPolicy, Rule

_Spec = Mapping[str, Any]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CAPABILITIES: Final = _words(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
)
SYSCTLS: Final = _words(
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports "
    "net.ipv4.ip_unprivileged_port_start net.ipv4.ping_group_range net.ipv4.tcp_fin_timeout "
    "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_keepalive_time net.ipv4.tcp_rmem "
    "net.ipv4.tcp_syncookies net.ipv4.tcp_wmem"
)
_SE_LINUX_TYPES: Final = _words("container_engine_t container_init_t container_kvm_t container_t") | {""}
_PROFILES: Final = _words("RuntimeDefault Localhost")


def baseline_breaches(spec: _Spec, policy: PodPolicy) -> Iterator[Breach]:
    """Every breach of the rules that hold."""
    for rule, judge in _JUDGES.items():
        if policy.holds(rule):
            yield from judge(spec)


def _must_be_off(field: str) -> Callable[[_Spec], Iterator[Breach]]:
    def judge(spec: _Spec) -> Iterator[Breach]:
        if _is_on(spec.get(field)):
            yield _forbidden(f"spec.{field}", spec[field])

    return judge


def _node_name(spec: _Spec) -> Iterator[Breach]:
    if spec.get("nodeName") not in (None, ""):
        yield Breach("spec.nodeName", "goes around the cluster's scheduler: use nodeSelector")


def _host_ports(spec: _Spec) -> Iterator[Breach]:
    for path, container in containers_in(spec):
        for place, port in objects_in(container, "ports"):
            if port.get("hostPort") not in (None, 0):
                yield _forbidden(f"{path}.ports[{place}].hostPort", port["hostPort"])


def _host_probes(spec: _Spec) -> Iterator[Breach]:
    for path, container in containers_in(spec):
        lifecycle = object_in(container, "lifecycle")
        handlers = {name: object_in(container, name) for name in ("livenessProbe", "readinessProbe", "startupProbe")}
        handlers |= {f"lifecycle.{name}": object_in(lifecycle, name) for name in ("postStart", "preStop")}
        for name, handler in handlers.items():
            for how in ("httpGet", "tcpSocket"):
                host = object_in(handler, how).get("host")
                if host not in (None, ""):
                    yield _forbidden(f"{path}.{name}.{how}.host", host)


def _host_process(spec: _Spec) -> Iterator[Breach]:
    for path, context in contexts_in(spec):
        value = object_in(context, "windowsOptions").get("hostProcess")
        if _is_on(value):
            yield _forbidden(f"{path}.windowsOptions.hostProcess", value)


def _privileged(spec: _Spec) -> Iterator[Breach]:
    for path, container in containers_in(spec):
        value = object_in(container, "securityContext").get("privileged")
        if _is_on(value):
            yield _forbidden(f"{path}.securityContext.privileged", value)


def _capabilities(spec: _Spec) -> Iterator[Breach]:
    for path, container in containers_in(spec):
        added = object_in(object_in(container, "securityContext"), "capabilities").get("add") or []
        for capability in added if isinstance(added, list) else [added]:
            if not _is_one_of(CAPABILITIES, capability):
                yield _forbidden(f"{path}.securityContext.capabilities.add", capability)


def _proc_mount(spec: _Spec) -> Iterator[Breach]:
    for path, container in containers_in(spec):
        value = object_in(container, "securityContext").get("procMount")
        if value not in (None, "", "Default"):
            yield _forbidden(f"{path}.securityContext.procMount", value)


def _profiles(field: str) -> Callable[[_Spec], Iterator[Breach]]:
    def judge(spec: _Spec) -> Iterator[Breach]:
        for path, context in contexts_in(spec):
            type_ = object_in(context, field).get("type")
            if type_ is not None and not _is_one_of(_PROFILES, type_):
                yield _forbidden(f"{path}.{field}.type", type_)

    return judge


def _se_linux(spec: _Spec) -> Iterator[Breach]:
    for path, context in contexts_in(spec):
        options = object_in(context, "seLinuxOptions")
        for field in ("user", "role"):
            if options.get(field) not in (None, ""):
                yield _forbidden(f"{path}.seLinuxOptions.{field}", options[field])
        type_ = options.get("type")
        if type_ is not None and not _is_one_of(_SE_LINUX_TYPES, type_):
            yield _forbidden(f"{path}.seLinuxOptions.type", type_)


def _sysctls(spec: _Spec) -> Iterator[Breach]:
    for place, sysctl in objects_in(object_in(spec, "securityContext"), "sysctls"):
        if not _is_one_of(SYSCTLS, sysctl.get("name")):
            yield _forbidden(f"spec.securityContext.sysctls[{place}].name", sysctl.get("name"))


def _is_on(value: Any) -> bool:
    return value is not None and value is not False


def _is_one_of(allowed: frozenset[str], value: Any) -> bool:
    return isinstance(value, str) and value in allowed


def _forbidden(path: str, value: Any) -> Breach:
    return Breach(path, f"{shown(value)} is not allowed by the Pod policy")


_JUDGES: Final[Mapping[Rule, Callable[[_Spec], Iterator[Breach]]]] = {
    Rule.HOST_NETWORK: _must_be_off("hostNetwork"),
    Rule.HOST_PID: _must_be_off("hostPID"),
    Rule.HOST_IPC: _must_be_off("hostIPC"),
    Rule.NODE_NAME: _node_name,
    Rule.HOST_PORTS: _host_ports,
    Rule.HOST_PROBES: _host_probes,
    Rule.HOST_PROCESS: _host_process,
    Rule.PRIVILEGED: _privileged,
    Rule.CAPABILITIES: _capabilities,
    Rule.PROC_MOUNT: _proc_mount,
    Rule.SECCOMP: _profiles("seccompProfile"),
    Rule.APP_ARMOR: _profiles("appArmorProfile"),
    Rule.SE_LINUX: _se_linux,
    Rule.SYSCTLS: _sysctls,
}
