"""The fields of a Pod that are known, and types of volumes that are allowed; whatever else is there is refused.

A field that a later Kubernetes adds may mean anything, so it is unknown until it stands here. What is known and
harmless as a whole, such as `affinity`, is not looked into.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from controller.decide.pod_policy.breach import Breach, objects_in, shown
from controller.model.pod_policy import PodPolicy, Rule

_WHOLE: Final = None
"""The shape of a value that is not looked into."""

_Shape = Any


def _whole(names: str) -> dict[str, _Shape]:
    return dict.fromkeys(names.split(), _WHOLE)


_HTTP: Final = _whole("host httpHeaders path port scheme")
_TCP: Final = _whole("host port")
_PROBE: Final = {
    **_whole("exec failureThreshold grpc initialDelaySeconds periodSeconds successThreshold"),
    **_whole("terminationGracePeriodSeconds timeoutSeconds"),
    "httpGet": _HTTP,
    "tcpSocket": _TCP,
}
_HOOK: Final = {**_whole("exec sleep"), "httpGet": _HTTP, "tcpSocket": _TCP}
_PROFILE: Final = _whole("type localhostProfile")
_SE_LINUX: Final = _whole("level role type user")
_WINDOWS: Final = _whole("gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName")
_CONTAINER: Final = {
    **_whole(
        "args command env envFrom image imagePullPolicy name resizePolicy resources restartPolicy stdin stdinOnce"
    ),
    **_whole("terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"),
    "lifecycle": {"postStart": _HOOK, "preStop": _HOOK, "stopSignal": _WHOLE},
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "ports": [_whole("containerPort hostIP hostPort name protocol")],
    "securityContext": {
        **_whole(
            "allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser"
        ),
        "appArmorProfile": _PROFILE,
        "capabilities": _whole("add drop"),
        "seLinuxOptions": _SE_LINUX,
        "seccompProfile": _PROFILE,
        "windowsOptions": _WINDOWS,
    },
}
_SHAPE: Final[Mapping[str, _Shape]] = {
    **_whole("activeDeadlineSeconds affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks"),
    **_whole("hostAliases hostIPC hostNetwork hostPID hostUsers hostname imagePullSecrets nodeName nodeSelector os"),
    **_whole("preemptionPolicy priorityClassName readinessGates resourceClaims resources restartPolicy"),
    **_whole("runtimeClassName schedulerName schedulingGates serviceAccount serviceAccountName setHostnameAsFQDN"),
    **_whole("shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints"),
    "containers": [_CONTAINER],
    "initContainers": [_CONTAINER],
    "securityContext": {
        **_whole(
            "fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy supplementalGroups"
        ),
        **_whole("supplementalGroupsPolicy"),
        "appArmorProfile": _PROFILE,
        "seLinuxOptions": _SE_LINUX,
        "seccompProfile": _PROFILE,
        "sysctls": [_whole("name value")],
        "windowsOptions": _WINDOWS,
    },
    "volumes": [_WHOLE],
}
_VOLUMES: Final = _whole("configMap downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret").keys()
_SOURCES: Final = _whole("clusterTrustBundle configMap downwardAPI secret serviceAccountToken").keys()
"""What a projected volume may gather: files of the Pod's own namespace and account."""


def field_breaches(spec: Mapping[str, Any], policy: PodPolicy) -> Iterator[Breach]:
    """Everything that is not known to be harmless, or to be judged elsewhere."""
    if policy.holds(Rule.UNKNOWN_FIELDS):
        yield from _unknown(spec, _SHAPE, "spec")
    yield from _volume_breaches(spec, policy)


def _unknown(value: Any, shape: _Shape, path: str) -> Iterator[Breach]:
    if value is None or shape is _WHOLE:
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield Breach(path, "is not a list")
            return
        for place, item in enumerate(value):
            yield from _unknown(item, shape[0], f"{path}[{place}]")
    elif not isinstance(value, Mapping):
        yield Breach(path, "is not an object")
    else:
        for field, inner in value.items():
            if field in shape:
                yield from _unknown(inner, shape[field], f"{path}.{field}")
            else:
                yield Breach(f"{path}.{shown(field)}", "is not a field that the Pod policy knows")


def _volume_breaches(spec: Mapping[str, Any], policy: PodPolicy) -> Iterator[Breach]:
    allowed = _VOLUMES | {*policy.volumes}
    for place, volume in objects_in(spec, "volumes"):
        path = f"spec.volumes[{place}]"
        for type_ in sorted(volume.keys() - {"name"} - allowed):
            yield Breach(f"{path}.{shown(type_)}", "is not a type of volume that the Pod policy allows")
        for number, source in objects_in(volume.get("projected"), "sources"):
            for type_ in sorted(source.keys() - _SOURCES):
                what = f"{path}.projected.sources[{number}].{shown(type_)}"
                yield Breach(what, "is not a source that the Pod policy allows")
