"""The controller's Deployment, its Pods, and who leads."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from controller import __version__
from controller.cli.doctor.evidence import Controller, Evidence, Missing, Raw, listed, span_told
from controller.cli.doctor.finding import Finding, fail, ok, skipped, warn
from controller.model.timestamps import parse_time

_OFTEN: Final = 3
_VERSION: Final = "app.kubernetes.io/version"


def installed(evidence: Evidence) -> Iterator[Finding]:
    """There is a controller, all of it is ready, and of this version."""
    found = evidence.controllers
    if isinstance(found, Missing):
        fix = "name its namespace with --system, or ask for the right to list Deployments there"
        yield skipped("controller", f"Deployments can't be read: {found.why}", fix)
        return
    if not found:
        fix = "install the chart, or name its namespace with --system"
        yield fail("controller", "There is no Deployment with the label app.kubernetes.io/name=slipway", fix)
    for each in found:
        yield from _ready(each)
        yield from _restarts(each)
        version = (each.deployment["metadata"].get("labels") or {}).get(_VERSION)
        if version and version != __version__:
            fix = "install the same version of the command, or upgrade the release"
            yield warn("version", f"{each.name} has version {version}, this command {__version__}", fix)


def leader(evidence: Evidence) -> Iterator[Finding]:
    """One replica decides, and its Lease is renewed."""
    for each in _all(evidence):
        yield from _lease(each, evidence)
        leads = each.samples("slipway_leader")
        if leads and not any(leads.values()):
            fix = f"read its log: kubectl -n {each.namespace} logs deployment/{each.deployment['metadata']['name']}"
            yield fail("leader", f"No replica of {each.name} decides", fix)
        elif leads:
            yield ok("leader", f"A replica of {each.name} decides")


def controller_clock(evidence: Evidence) -> Iterator[Finding]:
    """The controller's clock is that of the API server: schedules go by it."""
    if evidence.server_time is None:
        return
    for each in _all(evidence):
        for pod, counts in each.counts.items():
            told = counts.get("now") if not isinstance(counts, Missing) else None
            skew = abs(parse_time(told) - evidence.server_time) if told else timedelta(0)
            if skew > _READING_TAKES:
                message = f"The clock of Pod {pod} and that of the API server are {span_told(skew)} apart"
                yield fail("controller-clock", message, "synchronise the clocks of the nodes: schedules go by them")
            elif told:
                yield ok("controller-clock", f"Pod {pod} and the API server agree on the time")


_READING_TAKES: Final = timedelta(seconds=30)
"""Some seconds pass between the two readings, so a smaller difference says nothing."""


def _ready(of: Controller) -> Iterator[Finding]:
    wanted = of.deployment["spec"].get("replicas", 1)
    ready = (of.deployment.get("status") or {}).get("readyReplicas") or 0
    scale = f"kubectl -n {of.namespace} scale deployment/{of.deployment['metadata']['name']} --replicas=1"
    if not wanted:
        yield fail("controller", f"{of.name} is scaled to 0, so nothing is scheduled", scale)
    elif not ready:
        why = next(filter(None, (_trouble(pod) for pod in _pods(of))), "its Pods are not ready")
        fix = f"kubectl -n {of.namespace} describe pods, and logs deployment/{of.deployment['metadata']['name']}"
        yield fail("controller", f"No replica of {of.name} is ready: {why}", fix)
    elif ready < wanted:
        fix = f"kubectl -n {of.namespace} get pods"
        yield warn("controller", f"{ready} of {wanted} replicas of {of.name} are ready", fix)
    else:
        yield ok("controller", f"{of.name}: {ready} of {wanted} replicas are ready")


def _restarts(of: Controller) -> Iterator[Finding]:
    for pod in _pods(of):
        status = _container(pod)
        ended = (status.get("lastState") or {}).get("terminated") or {}
        if status.get("restartCount", 0) > _OFTEN:
            reason = ended.get("reason") or "unknown"
            fix = (
                "raise controller.resources.limits.memory"
                if reason == "OOMKilled"
                else f"kubectl -n {of.namespace} logs {pod['metadata']['name']} -c controller --previous"
            )
            message = f"Pod {pod['metadata']['name']} was restarted {status['restartCount']} times, last: {reason}"
            yield warn("controller", message, fix)


def _lease(of: Controller, evidence: Evidence) -> Iterator[Finding]:
    if of.lease is None:
        return
    if isinstance(of.lease, Missing):
        say = skipped if of.lease.is_forbidden else warn
        yield say("lease", f"The Lease of {of.name} can't be read: {of.lease.why}", "ask for the right to get leases")
        return
    spec: Mapping[str, Any] = of.lease.get("spec") or {}
    holder, renewed, seconds = spec.get("holderIdentity"), spec.get("renewTime"), spec.get("leaseDurationSeconds") or 15
    if not holder or not renewed:
        yield fail(
            "lease", f"Nobody holds the Lease of {of.name}", f"kubectl -n {of.namespace} get pods: is one ready?"
        )
        return
    age = (evidence.server_time or evidence.now) - parse_time(renewed)
    if age > timedelta(seconds=seconds):
        fix = "read the controller's log; a standby takes over by itself, so there is none, or it can't reach the API"
        yield fail("lease", f"{holder} renewed the Lease last {span_told(age)} ago, {seconds} s are allowed", fix)
    else:
        yield ok("lease", f"{holder} holds the Lease")


def _all(evidence: Evidence) -> Iterator[Controller]:
    if not isinstance(evidence.controllers, Missing):
        yield from evidence.controllers


def _pods(of: Controller) -> list[Raw]:
    return [] if isinstance(of.pods, Missing) else list(of.pods)


def _container(pod: Raw) -> Mapping[str, Any]:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return next((each for each in statuses if each["name"] == "controller"), {})


def _trouble(pod: Raw) -> str:
    """Why the Pod is not ready, in Kubernetes' words; empty where it does not say."""
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for each in containers:
        state = each.get("state") or {}
        told = state.get("waiting") or (state.get("terminated") if not each.get("ready") else None) or {}
        if told.get("reason") not in (None, "PodInitializing", "Completed"):
            return f"container {each['name']}: {told['reason']} {told.get('message') or ''}".strip()
    conditions = [each for each in status.get("conditions") or () if each["status"] == "False" and each.get("message")]
    return listed((each["message"] for each in conditions), 1)
