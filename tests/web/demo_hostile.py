"""A world -> a namespace in which every text that a user may write is meant to do harm, and one run is very large."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from controller.model.action import Kind
from controller.model.asked import asked_annotation
from controller.model.dag import canonical_json
from controller.model.metadata import Key
from controller.model.names import revision_name
from controller.model.timestamps import format_time
from tests.web.demo_world import Json, World, owned_by

NAMESPACE: Final = "hostile"
DAG: Final = "hostile"
RUN: Final = "hostile-1"
WAITING: Final = "hostile-2"
"""A run whose tasks wait."""
MAPPED: Final = "mapped-1"
"""A run with very many instances of one task."""
INHERITED: Final = "constructor"
"""A name that every object of JavaScript seems to have, and that a Dag and a task may have."""
INSTANCES: Final = 10_000
PAYLOADS: Final = (
    "<img src=x onerror=__pwned=1>",
    "<script>__pwned=2</script>",
    "\"'><svg/onload=__pwned=3>",
    "</textarea></pre></title></style></script><iframe srcdoc='<script>parent.__pwned=4</script>'></iframe>",
    '" autofocus onfocus="__pwned=5" x="',
    "<a href='javascript:__pwned=6'>a</a> [b](javascript:__pwned=6) javascript:__pwned=6",
    "data:text/html,<script>__pwned=7</script>",
    "{{constructor.constructor('__pwned=8')()}} ${__pwned=8} <%= __pwned=8 %>",
    "<style>*{display:none}</style><base href=//evil.test><meta http-equiv=refresh content=0;url=//evil.test>",
    "<form action=//evil.test><button>Sign in</button></form><math><mtext></form><mglyph><svg>",
    "$(touch pwned) `touch pwned` ; touch pwned & touch pwned | touch pwned '$(touch pwned)'",
    "\u202egnp.exe\u202c \u2066isolated\u2069 a\u200bb\u2060c\ufeffd e\u0301\u0327\u0316 👩‍👩‍👧‍👦 🏴‍☠️ مرحبا שלום",
    "\x1b]8;;javascript:__pwned=9\x07click\x1b]8;;\x07 \x1b[31mred\x1b[0m",
)
WHOLE: Final = " ".join(PAYLOADS)
LONG: Final = "W" * 10_000
SMALL: Final = "<b onclick=__pwned=1>"
ASSET: Final = "javascript:__pwned=1//&lt$IFS&touch"
_BIG_PIECE: Final = b"".join(
    b"%06d a line of a log that is very long, as some are, and then some more\n" % n for n in range(900)
)
_BIG_PIECES: Final = 50_000_000 // len(_BIG_PIECE)


def said(place: str, most: int = 4096) -> str:
    """A text with all payloads, which tells where it was written."""
    return f"<{place}>{WHOLE}"[:most]


def hostile_log(pod: str) -> list[bytes] | None:
    """The log of one of its Pods; None for those of others."""
    match pod:
        case "hostile-1-binary-1":
            noise = bytes((7 * n * n + n // 251) % 256 for n in range(60_000))
            return [noise, b"\n", WHOLE.encode()[:-1], b"\xff\xfe\x00\n", b"the end of the binary log\n"]
        case "hostile-1-big-1":
            return [_BIG_PIECE] * _BIG_PIECES + [b"the end of the big log\n"]
        case _ if pod.startswith("hostile-"):
            record = {"level": "error", "msg": said("log-json"), "__proto__": {"admin": True}}
            return [
                f"{said('log')}\n{json.dumps(record)}\nERROR {LONG}{LONG}{LONG}\n".encode(),
                said("log-end").encode(),
            ]
    return None


def hostile_events(at: datetime) -> dict[str, list[dict[str, Any]]]:
    """What Kubernetes has said of its Pods."""
    told = {"type": "Warning", "reason": said("event-reason", 128), "message": said("event-message", 1024)}
    return {"hostile-1-load-2": [{**told, "count": 3, "lastTimestamp": format_time(at)}]}


def tell_hostile(world: World) -> None:
    """Write all of it."""
    at = world.now - timedelta(hours=2)
    owner, revision = _dag(world, DAG, _spec(), at)
    _failed(world, revision, owner, at)
    _waiting(world, revision, owner, at)
    _pools(world, at)
    _backfill(world, revision, at)
    _inherited(world, at)
    _mapped(world, at)


def _spec() -> dict[str, Any]:
    script = {"script": said("script")}
    return {
        "description": said("description"),
        "owner": said("owner", 253),
        "tags": [SMALL, "\u202egnp.exe", "👩‍👩‍👧‍👦"],
        "schedule": {"cron": "0 * * * *"},
        "params": {
            "text": {"type": "string", "default": said("param-default"), "title": said("param-title", 300)},
            "__proto__": {"type": "string", "default": "p", "description": said("param-description")},
            "constructor": {"type": "object", "default": {"__proto__": {"x": 1}, SMALL: LONG}},
            "choice": {"type": "string", "enum": [said("param-choice", 200), "b"], "default": "b", "title": SMALL},
            "long": {"type": "string", "default": LONG},
        },
        "groups": [{"name": "parts", "description": said("group", 1000)}],
        "tasks": [
            {"name": "load", "group": "parts", "retries": 1, **script},
            {"name": "binary", **script},
            {"name": "big", **script},
            {"name": "tell", "dependsOn": ["load"], "updates": [ASSET], **script},
            {"name": "ask", "approval": {"message": said("asked", 300)}, "dependsOn": ["tell"]},
        ],
    }


def _dag(world: World, name: str, spec: Json, at: datetime) -> tuple[dict[str, Any], str]:
    """What belongs to the Dag, and its revision's name."""
    revision = revision_name(name, canonical_json(spec))
    ready = {"type": "Ready", "status": "True", "reason": "Valid", "message": said("condition")}
    status = {"conditions": [{**ready, "lastTransitionTime": format_time(at)}], "revision": revision, "taskCount": 5}
    asked = {"annotations": asked_annotation("pause", said("who", 200), at)}
    raw = world.put(Kind.DAG, Key(NAMESPACE, name), {"spec": spec}, status, at, **asked)
    older = {**spec, "description": said("older"), "tasks": spec["tasks"][:1]}
    for data in (older, spec):
        key = Key(NAMESPACE, revision_name(name, canonical_json(data)))
        world.put(Kind.REVISION, key, {"data": data}, {}, at, labels={"slipway.dev/dag": name}, **owned_by("Dag", raw))
        at += timedelta(seconds=1)
    return owned_by("Dag", raw), revision


def _failed(world: World, revision: str, owner: Json, at: datetime) -> None:
    params = {said("param-name", 300): said("param"), "__proto__": "p", "long": LONG}
    handled = {
        "id": "r1",
        "action": "clear",
        "at": format_time(at),
        "by": said("by", 200),
        "count": 1,
        "tasks": ["load"],
    }
    status = {
        "state": "Failed",
        "counts": {"Success": 3, "Failed": 1, "UpstreamFailed": 1},
        "failedTasks": ["load"],
        "reason": said("run-reason", 100),
        "message": said("run-message"),
        "requests": [{**handled, "by": said("by", 200), "message": said("request", 1024)}],
        "finishedAt": format_time(at + timedelta(minutes=5)),
    }
    run = _run(
        world,
        RUN,
        owner,
        {"spec": {"note": said("note", 1000), "params": params}, "status": {"revision": revision, **status}},
        at,
    )
    ended = {"startedAt": format_time(at), "finishedAt": format_time(at + timedelta(minutes=4))}
    told = {"reason": said("task-reason", 200), "message": said("task-message", 1024)}
    attempts = [
        {"number": number, "pod": f"hostile-1-load-{number}", "state": "Failed", "exitCode": 1, **told, **ended}
        for number in (1, 2)
    ]
    _task(world, run, "load", {"state": "Failed", "try": 2, "attempts": attempts, "node": SMALL, **told, **ended})
    outputs = {
        "tell": json.dumps({said("output-key", 300): said("output", 2000), "__proto__": {"constructor": 1}}),
        "binary": json.dumps("\u202e\u0000\ud800"),
        "big": json.dumps(LONG[:4000]),
    }
    for name, output in outputs.items():
        pod = f"hostile-1-{name}-1"
        done: dict[str, Any] = {
            "number": 1,
            "pod": pod,
            "state": "Success",
            "updates": [ASSET] if name == "tell" else None,
            **ended,
        }
        succeeded = {"state": "Success", "try": 1, "pod": pod, "attempts": [done], "output": output, **ended}
        _task(world, run, name, succeeded)


def _waiting(world: World, revision: str, owner: Json, at: datetime) -> None:
    at += timedelta(hours=1)
    wait = {"reason": "PoolFull", "message": said("waiting", 1024), "since": format_time(at)}
    status = {"state": "Running", "counts": {"Queued": 1, "Running": 1}, "waitingFor": [wait], "revision": revision}
    run = _run(world, WAITING, owner, {"spec": {"note": LONG[:1000]}, "status": status}, at)
    _task(world, run, "load", {"state": "Queued", "waitingFor": [wait]})
    asking = _task(world, run, "ask", {"state": "Running", "try": 1, "waitingFor": [wait]})
    refs = {"dagRef": {"name": DAG}, "dagRunRef": {"name": WAITING}, "taskRunRef": {"name": f"{WAITING}-ask"}}
    spec = {**refs, "task": "ask", "try": 1, "message": said("question"), "options": [SMALL, "javascript:__pwned=1"]}
    answered = {"answer": SMALL, "by": said("answerer", 253), "comment": said("comment", 1024)}
    told: Sequence[tuple[Json, str]] = ((answered, "Answered"), ({}, "Open"))
    for number, (more, state) in enumerate(told, 1):
        stands = {"state": state, "finishedAt": format_time(at) if more else None}
        key = Key(NAMESPACE, f"{WAITING}-ask-{number}")
        world.put(Kind.APPROVAL, key, {"spec": {**spec, **more}}, stands, at, **owned_by("TaskRun", asking))


def _pools(world: World, at: datetime) -> None:
    spec = {"slots": 2, "description": said("pool")}
    world.put(Kind.POOL, Key(NAMESPACE, "db"), {"spec": spec}, {}, at)


def _backfill(world: World, revision: str, at: datetime) -> None:
    first, last = at - timedelta(days=3), at - timedelta(days=2)
    times = {"from": format_time(first), "to": format_time(last)}
    spec = {"dagRef": {"name": DAG}, **times, "note": said("backfill-note", 1000), "params": {"long": said("b-param")}}
    plan: dict[str, Any] = {
        "total": 1,
        "create": 1,
        "slots": [{"logicalDate": format_time(first), "run": "a", "plan": "create"}],
    }
    status = {"state": "Failed", "plan": plan, "revision": revision, "message": said("backfill-message")}
    status |= {"reason": "Refused", "plannedAt": format_time(at), "finishedAt": format_time(at)}
    asked = {"annotations": asked_annotation("backfill", said("backfiller", 200), at)}
    world.put(Kind.BACKFILL, Key(NAMESPACE, "hostile-fix"), {"spec": spec}, status, at, **asked)


def _inherited(world: World, at: datetime) -> None:
    spec = {"groups": [{"name": "value"}], "tasks": [{"name": INHERITED, "group": "value", "script": "true"}]}
    owner, revision = _dag(world, INHERITED, spec, at)
    body = {"spec": {"dagRef": {"name": INHERITED}}, "status": {"state": "Success", "revision": revision}}
    _task(world, _run(world, f"{INHERITED}-1", owner, body, at), INHERITED, {"state": "Success", "try": 1})


def _mapped(world: World, at: datetime) -> None:
    task = {"name": "part", "script": "true", "map": {"over": "{{ params.parts }}"}}
    spec = {"params": {"parts": {"type": "array", "default": []}}, "tasks": [task]}
    owner, revision = _dag(world, "mapped", spec, at)
    status = {"state": "Failed", "revision": revision, "counts": {"Success": INSTANCES - 1, "Failed": 1}}
    run = _run(
        world,
        MAPPED,
        owner,
        {"spec": {"dagRef": {"name": "mapped"}}, "status": {**status, "failedTasks": ["part[7777]"]}},
        at,
    )
    for index, state in _states():
        _task(world, run, "part", {"state": state, "try": 1, "startedAt": format_time(at)}, index)


def _states() -> Iterator[tuple[int, str]]:
    for index in range(INSTANCES):
        yield index, "Failed" if index == 7777 else "Success"


def _run(world: World, name: str, owner: Json, body: Json, at: datetime) -> dict[str, Any]:
    asked = {"annotations": asked_annotation("trigger", said("triggered-by", 200), at)}
    params = json.dumps(body["spec"].get("params", {}))
    spec = {"dagRef": {"name": DAG}, "runType": "manual", "logicalDate": format_time(at), **body["spec"]}
    status = {"params": params, "startedAt": format_time(at), **body["status"]}
    return world.put(Kind.DAG_RUN, Key(NAMESPACE, name), {"spec": spec}, status, at, **asked, **owner)


def _task(world: World, run: Json, name: str, status: Json, index: int | None = None) -> dict[str, Any]:
    of = run["metadata"]["name"]
    spec = {"dagRef": run["spec"]["dagRef"], "dagRunRef": {"name": of}, "task": name, "pool": "db"}
    spec |= {} if index is None else {"index": index}
    key = Key(NAMESPACE, f"{of}-{name}" + ("" if index is None else f"-{index}"))
    at = world.clock.told or world.now
    return world.put(Kind.TASK_RUN, key, {"spec": spec}, status, at, **owned_by("DagRun", run))
