"""A task, its run and its attempt's number -> the manifest of the attempt's Pod.

The Pod is plain: container `main`, no sidecar, no token. What a user's `pod` fragment may not change is laid over last:
the command, the restart policy, our labels, our finalizer and the output file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from controller.decide import artifacts
from controller.decide.memory import raised_memory
from controller.decide.merge import merge
from controller.decide.render import render
from controller.model.authorship import CREATED_BY, WRITTEN_BY
from controller.model.dag import canonical_json
from controller.model.dagrun import DagRun
from controller.model.names import LABEL_DAG, LABEL_RUN, LABEL_TASK, LABEL_TRY, POD_FINALIZER, pod_name
from controller.model.plan import PlannedTask
from controller.model.pod import MAIN
from controller.model.policy import ArtifactStore, Policy
from controller.model.taskrun import TaskRun
from controller.model.timestamps import format_time
from controller.model.tracing import traceparent

OUTPUT_PATH: Final = "/dev/termination-log"
"""The kubelet makes this file, writable for every user, and keeps its end as the termination message."""
USER_ID: Final = 65532

_POD_DEFAULTS: Final[Mapping[str, Any]] = {
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
        "fsGroup": USER_ID,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}
_CONTAINER_SECURITY: Final = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True, slots=True)
class PodOrder:
    """Everything that a Pod's manifest follows from."""

    task_run: TaskRun
    run: DagRun
    task: PlannedTask
    attempt: int
    values: Mapping[str, Any]
    """What templates may read: params, tasks, run, dag and, of a mapped task, item."""
    policy: Policy
    writer: str = ""
    """Who wrote the Dag's spec; empty = unknown."""

    @property
    def store(self) -> ArtifactStore | None:
        """The artifact store, where the task asks for it and there is one."""
        return _store(self.task, self.policy)


def build_pod(order: PodOrder) -> dict[str, Any]:
    """The manifest; RenderFault when a template of the user's can't be filled in."""
    meta = order.task_run.meta
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(meta.name, order.attempt),
            "namespace": meta.namespace,
            "labels": _labels(order),
            **_authors(order),
            "finalizers": [POD_FINALIZER],
        },
        "spec": _spec(order),
    }


def _labels(order: PodOrder) -> dict[str, str]:
    spec = order.task_run.spec
    return {
        LABEL_DAG: spec.dag_ref.name,
        LABEL_RUN: spec.dag_run_ref.name,
        LABEL_TASK: spec.task,
        LABEL_TRY: str(order.attempt),
    }


def _authors(order: PodOrder) -> dict[str, Any]:
    """Who made the run and who wrote the spec that the Pod comes from, as far as admission has seen it."""
    authors = {CREATED_BY: order.run.meta.authorship.created_by, WRITTEN_BY: order.writer}
    known = {name: who for name, who in authors.items() if who and order.policy.trusts_authorship}
    return {"annotations": known} if known else {}


def pod_frame(task: PlannedTask, policy: Policy) -> dict[str, Any]:
    """The spec of the task's Pods without what differs between attempts: command, variables and raised memory."""
    settings, store = task.settings, _store(task, policy)
    base: dict[str, Any] = {**_POD_DEFAULTS, "containers": [_container(task, policy)]}
    if settings.service_account_name:
        base["serviceAccountName"] = settings.service_account_name
    if store is not None:
        base |= artifacts.volumes(store)
    spec: dict[str, Any] = merge(base, settings.pod or {})
    spec["restartPolicy"] = "Never"
    if settings.timeout is not None:
        spec["activeDeadlineSeconds"] = int(settings.timeout.total_seconds())
    return spec


def _spec(order: PodOrder) -> dict[str, Any]:
    spec = pod_frame(order.task, order.policy)
    spec["containers"] = [
        _under_contract(container, order) if container.get("name") == MAIN else container
        for container in spec["containers"]
    ]
    return spec


def _store(task: PlannedTask, policy: Policy) -> ArtifactStore | None:
    return policy.artifacts if task.settings.artifacts else None


def _container(task: PlannedTask, policy: Policy) -> dict[str, Any]:
    settings, store = task.settings, _store(task, policy)
    container: dict[str, Any] = {
        "name": MAIN,
        "image": settings.image or policy.default_task_image,
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 the user 65532 has no home of its own
        "securityContext": _CONTAINER_SECURITY,
    }
    if settings.image_pull_policy:
        container["imagePullPolicy"] = settings.image_pull_policy.value
    if store is not None:
        container |= artifacts.mounts(store)
    sources = [*(artifacts.secrets(store) if store is not None else ()), *(settings.env_from or ())]
    if sources:
        container["envFrom"] = sources
    if settings.resources is not None:
        container["resources"] = settings.resources.model_dump(mode="json", by_alias=True, exclude_none=True)
    return container


def _under_contract(container: Mapping[str, Any], order: PodOrder) -> dict[str, Any]:
    """Container `main` with the fields that are the task's, whatever the fragment says."""
    command, args = _command(order)
    kept = {field: value for field, value in container.items() if field not in {"command", "args"}}
    return {
        **kept,
        **_more_memory(container, order),
        "command": command,
        **({"args": args} if args else {}),
        "env": _joined_env(container.get("env"), [*_our_env(order), *_user_env(order)]),
        "terminationMessagePath": OUTPUT_PATH,
        "terminationMessagePolicy": "File",
    }


def _more_memory(container: Mapping[str, Any], order: PodOrder) -> dict[str, Any]:
    """The resources of an attempt after one that was OOMKilled; nothing where they stay as they are."""
    raised = raised_memory(order.task.settings, order.task_run.status.failures.oom)
    resources = container.get("resources", {})
    more = {field: {**resources[field], "memory": amount} for field, amount in raised.items()}
    return {"resources": {**resources, **more}} if more else {}


def _joined_env(base: Any, over: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The variables by name, each replaced as a whole: one can't have both `value` and `valueFrom`."""
    found = [variable for variable in base if isinstance(variable, Mapping)] if isinstance(base, list) else []
    return [dict(variable) for variable in {item.get("name"): item for item in (*found, *over)}.values()]


def _command(order: PodOrder) -> tuple[list[str], list[str]]:
    task = order.task.written
    if task.script is not None:
        return ["/bin/sh", "-e", "-c", _literal(task.script)], []
    if task.python is not None:
        return ["python3", "-c", _literal(task.python)], []
    return list(task.command or ()), [_filled(argument, order) for argument in task.args or ()]


def _literal(text: str) -> str:
    """Text that the kubelet hands on as it stands: it turns `$$` into `$` and expands `$(NAME)`."""
    return text.replace("$", "$$")


def _filled(text: str, order: PodOrder) -> str:
    """A rendered template is data, so its `$` is kept from the kubelet; plain text keeps Kubernetes' own meaning."""
    rendered = render(text, order.values)
    return rendered if rendered == text else _literal(rendered)


def _our_env(order: PodOrder) -> list[dict[str, str]]:
    run = order.run.spec
    start, end = run.interval_start or run.logical_date, run.interval_end or run.logical_date
    variables = {
        "SLIPWAY_DAG": order.task_run.spec.dag_ref.name,
        "SLIPWAY_RUN": order.run.meta.name,
        "SLIPWAY_TASK": order.task.name,
        "SLIPWAY_TRY": str(order.attempt),
        "SLIPWAY_LOGICAL_DATE": _time(run.logical_date),
        "SLIPWAY_INTERVAL_START": _time(start),
        "SLIPWAY_INTERVAL_END": _time(end),
        "SLIPWAY_OUTPUT": OUTPUT_PATH,
    }
    if order.task_run.spec.item is not None:
        variables["SLIPWAY_INDEX"] = str(order.task_run.spec.index)
        variables["SLIPWAY_ITEM"] = _literal(order.task_run.spec.item)
    if order.store is not None:
        variables |= artifacts.variables(order.store, order.task_run, order.attempt)
    if order.policy.tracing:
        variables["TRACEPARENT"] = traceparent(order.run.meta.uid, order.task_run.meta.uid, order.attempt)
    for name, value in order.values["params"].items():
        text = value if isinstance(value, str) else canonical_json(value)
        variables[f"SLIPWAY_PARAM_{name.upper()}"] = _literal(text)
    return [{"name": name, "value": value} for name, value in variables.items()]


def _time(at: datetime | None) -> str:
    return format_time(at) if at else ""


def _user_env(order: PodOrder) -> list[dict[str, Any]]:
    variables: list[dict[str, Any]] = []
    for variable in order.task.settings.env or ():
        if variable.value_from is not None:
            variables.append({"name": variable.name, "valueFrom": variable.value_from})
        else:
            variables.append({"name": variable.name, "value": _filled(variable.value or "", order)})
    return variables
