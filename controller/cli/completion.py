"""What the user has begun to type -> names of Dags, runs and tasks that it may become, for the shell's completion.

Nobody wants to wait for it or to read an error amid a command line: after half a second, and where anything goes
wrong, there is nothing to choose from. The client of `kubernetes` is used, which loads faster than ours.
"""

import contextlib
import io
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, cast
from urllib.parse import quote

import typer

from controller.model.names import API_VERSION

SECONDS: Final = 0.5
MOST: Final = 500
_LATEST: Final = "@latest"
_STATES: Final = ("success", "failed", "skipped")
_Get = Callable[[str], Any]
"""Takes a path below the namespace's resources of ours."""


def dag_names(context: typer.Context, incomplete: str) -> list[str]:
    """Dags of the namespace."""
    return _in_time(context, lambda get: _beginning(incomplete, _names(get(f"dags?limit={MOST}"))))


def run_names(context: typer.Context, incomplete: str) -> list[str]:
    """Runs of the namespace, the newest first, and DAG@latest."""

    def found(get: _Get) -> list[str]:
        items = get(f"dagruns?limit={MOST}")["items"]
        items.sort(key=lambda raw: raw["metadata"]["creationTimestamp"], reverse=True)
        latest = (f"{raw['spec']['dagRef']['name']}{_LATEST}" for raw in items)
        return _beginning(incomplete, [*dict.fromkeys(latest), *_names({"items": items})])

    return _in_time(context, found)


def task_names(context: typer.Context, incomplete: str) -> list[str]:
    """Tasks of the Dag whose run the command line names."""
    run = str(context.params.get("run") or context.params.get("name") or "")

    def found(get: _Get) -> list[str]:
        dag = run.removesuffix(_LATEST)
        if dag == run:
            dag = get(f"dagruns/{quote(run, safe='')}")["spec"]["dagRef"]["name"]
        tasks = get(f"dags/{quote(dag, safe='')}")["spec"]["tasks"]
        return _beginning(incomplete, [task["name"] for task in tasks])

    return _in_time(context, found) if run else []


def tasks_and_states(context: typer.Context, incomplete: str) -> list[str]:
    """The same, and the states that a task can be marked with."""
    return [*task_names(context, incomplete), *_beginning(incomplete, _STATES)]


def _in_time(context: typer.Context, ask: Callable[[_Get], list[str]]) -> list[str]:
    """What is found within the time; nothing where it is not, for whatever reason."""
    found: list[str] = []

    def work() -> None:
        # Everything: an error here would be printed amid what the user types.
        with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
            found.extend(ask(_getter(context)))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return list(found) if not thread.is_alive() else []


def _getter(context: typer.Context) -> _Get:
    """Reads from the cluster and namespace that the command line names."""
    from kubernetes import client, config

    chosen = context.params.get("context")
    configuration = client.Configuration()
    config.load_kube_config(  # type: ignore[no-untyped-call]
        context=chosen, client_configuration=configuration
    )
    api = client.ApiClient(configuration)
    token = configuration.get_api_key_with_prefix("BearerToken", "authorization")
    headers = {"Accept": "application/json"} | ({"Authorization": token} if token else {})
    space = quote(context.params.get("namespace") or _namespace(chosen), safe="")
    above = f"{configuration.host.rstrip('/')}/apis/{API_VERSION}/namespaces/{space}"

    def get(path: str) -> Any:
        answer = api.call_api("GET", f"{above}/{path}", header_params=headers, _request_timeout=SECONDS)
        return json.loads(cast("Any", answer).read())

    return get


def _namespace(context: str | None) -> str:
    from kubernetes import config

    contexts, active = cast("Any", config.list_kube_config_contexts)()
    chosen = next((each for each in contexts if each["name"] == context), active)
    return str(chosen["context"].get("namespace") or "default")


def _names(answer: Any) -> list[str]:
    return [str(raw["metadata"]["name"]) for raw in answer["items"]]


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
