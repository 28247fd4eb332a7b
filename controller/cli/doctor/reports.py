"""What the controller's replicas say of themselves: watches, metastore, logs, alerts, settings."""

from collections.abc import Iterator, Mapping
from typing import Final

from controller.cli.doctor.evidence import Controller, Evidence, Missing, Raw, listed, present
from controller.cli.doctor.finding import Finding, fail, ok, skipped, warn
from controller.settings import Settings

_LAG_SECONDS: Final = 60.0
_ALERTS_FIX: Final = "`slipway alerts test TARGET` in the controller's Pod says what the target answers"


def watches(evidence: Evidence) -> Iterator[Finding]:
    """The controller hears of every kind."""
    for each in _controllers(evidence):
        if (silent := _silent(each, each.metrics, "watches")) is not None:
            yield silent
            continue
        ages, limits = each.samples("slipway_watch_age_seconds"), each.samples("slipway_watch_age_limit_seconds")
        stale = [kind for kind, age in sorted(ages.items()) if age > limits.get(kind, age)]
        if stale:
            fix = "read the controller's log for `watch`; restarting its Pod is safe at any time"
            yield fail("watches", f"{each.name} has not heard of {listed(stale)} for too long", fix)
        elif ages:
            yield ok("watches", f"{each.name} hears of all {len(ages)} kinds")


def metastore(evidence: Evidence) -> Iterator[Finding]:
    """Rows are written, and soon."""
    for each in _controllers(evidence):
        if (silent := _silent(each, each.counts, "metastore")) is not None:
            yield silent
            continue
        stores = [counts["metastore"] for counts in present(each.counts.values()) if counts.get("metastore")]
        pending = sum(store["pending"] for store in stores)
        lag = max((store["lagSeconds"] for store in stores), default=0.0)
        if any(not store["healthy"] for store in stores):
            fix = "check the database and the way to it; scheduling goes on, and the rows follow"
            yield fail("metastore", f"The database does not take rows: {pending} objects wait", fix)
        elif lag > _LAG_SECONDS:
            fix = "give the database more power, or look for what locks its tables"
            yield warn("metastore", f"Rows are {lag:.0f} s late, {pending} objects wait", fix)
        elif stores:
            yield ok("metastore", "The controller writes its rows in time")


def log_store(evidence: Evidence) -> Iterator[Finding]:
    """Logs are kept somewhere, and arrive there."""
    for each in _controllers(evidence):
        store = each.settings.get("SLIPWAY_LOG_STORE", Settings.model_fields["log_store"].default)
        waiting = sum(each.samples("slipway_log_archive_waiting").values())
        lost = sum(each.samples("slipway_log_archive_lost_total").values())
        if store == "off":
            yield skipped("logs", "Logs of tasks are not kept: they go with their Pods", "set config.logStore")
        elif waiting:
            fix = "check the log store's credentials and room; the controller's log says what it answers"
            yield fail("logs", f"{waiting:.0f} logs can't be put into {store} at present", fix)
        elif lost:
            fix = "look for `log is lost` in the controller's log"
            yield warn("logs", f"{lost:.0f} logs were lost since the controller's start", fix)
        elif store.startswith("file://") and not _is_mounted(each, store.removeprefix("file://")):
            yield fail("logs", f"No volume is mounted for {store}", "set logs.claim to the claim of a volume")
        else:
            yield ok("logs", f"Logs of tasks are kept: {store}")


def alerts(evidence: Evidence) -> Iterator[Finding]:
    """Alerts arrive."""
    for each in _controllers(evidence):
        failed = {target: count for target, count in each.samples("slipway_alerts_failed_total").items() if count}
        if sum(each.samples("slipway_alerts_waiting").values()):
            yield warn(
                "alerts", f"Alerts wait to be sent: {listed(sorted(failed)) or 'no try has failed'}", _ALERTS_FIX
            )
        elif failed:
            yield ok("alerts", f"No alert waits; tries to send to {listed(sorted(failed))} have failed before")


def task_image(evidence: Evidence) -> Iterator[Finding]:
    """The image of tasks that name none can be pulled, and is a certain one."""
    for each in _controllers(evidence):
        image = each.settings.get("SLIPWAY_DEFAULT_TASK_IMAGE", Settings.model_fields["default_task_image"].default)
        tag = image.rpartition("/")[2].partition(":")[2]
        stuck = [pod["metadata"]["name"] for pod in evidence.work.raw_pods if _can_not_be_pulled(pod, image)]
        if stuck:
            fix = "check config.defaultTaskImage, the registry, and the tasks' imagePullSecrets"
            yield fail("task-image", f"{image} can't be pulled: Pods {listed(stuck)} wait for it", fix)
        elif "@" not in image and tag in ("", "latest"):
            fix = "set config.defaultTaskImage to an image with a version or a digest"
            yield warn("task-image", f"The image of tasks that name none is {image}, which may change any time", fix)
        else:
            yield ok("task-image", f"Tasks that name no image get {image}")


def _can_not_be_pulled(pod: Raw, image: str) -> bool:
    used = {each["name"] for each in pod["spec"]["containers"] if each.get("image") == image}
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    reasons = [
        ((each.get("state") or {}).get("waiting") or {}).get("reason") for each in statuses if each["name"] in used
    ]
    return any(reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName") for reason in reasons)


def _is_mounted(of: Controller, path: str) -> bool:
    mounts = of.container.get("volumeMounts") or ()
    return any(path == each["mountPath"] or path.startswith(f"{each['mountPath']}/") for each in mounts)


def _controllers(evidence: Evidence) -> Iterator[Controller]:
    if not isinstance(evidence.controllers, Missing):
        yield from evidence.controllers


def _silent(of: Controller, answers: Mapping[str, object], check: str) -> Finding | None:
    """Why nothing can be said of it: none of its Pods has answered; None where one has."""
    missing = [each for each in answers.values() if isinstance(each, Missing)]
    if len(missing) < len(answers):
        return None
    why = missing[0].why if missing else "none of its Pods runs"
    fix = f"ask for the right to get pods/proxy in namespace {of.namespace}" if missing else ""
    return skipped(check, f"{of.name} could not be asked: {why}", fix)
