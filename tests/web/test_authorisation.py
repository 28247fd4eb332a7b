"""Who may see and do what: every route, for a caller without a token, of another tenant, and of the same."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web import app as app_module
from controller.web.api_server import Caller
from controller.web.app import build_app
from controller.web.authorise import Anywhere, InNamespace, Public, SignedIn, requirement_of
from controller.web.need import Need
from controller.web.reviews import ANSWER_SECONDS, Reviews
from controller.web.routes import ROUTERS
from controller.web.routes.address import PREFIX, router
from tests.web.client import Client, Response
from tests.web.conftest import Web
from tests.web.objects import OLD_REVISION, REVISION, A, B
from tests.web.standin import StandIn

NAMES = {
    "dag": "etl",
    "run": "etl-03",
    "task": "report",
    "attempt": "2",
    "pool": "db",
    "revision": REVISION,
    "before": OLD_REVISION,
    "backfill": "january",
    "approval": "etl-11-report-1",
}
BODIES: dict[str, dict[str, object]] = {
    "pause": {"paused": True},
    "mark": {"state": "success"},
    "backfills": {"from": "2025-12-31T00:00:00Z", "to": "2025-12-31T06:00:00Z"},
    "answer": {"answer": "approve"},
    "note": {"note": "seen"},
    "slots": {"slots": 3},
}
QUERIES = {"states": {"run": "etl-03"}}
RESOURCES = ("dags", "dagruns", "taskruns", "pools", "backfills", "approvals", "pods", "pods/log", "events")


def api_routes(app: object) -> Iterator[APIRoute]:
    """Every route of the app, as the app itself keeps them."""
    assert isinstance(app, FastAPI)
    for route in app.router.routes:
        assert isinstance(route, APIRoute), f"{route} is not a route of ours: what does it require?"
        yield route


async def call(client: Client, route: APIRoute, namespace: str) -> int:
    """The status of the route, called with names that exist."""
    path = route.path.format(namespace=namespace, page="", **NAMES)
    method = next(iter(route.methods or ()))
    last = path.rsplit("/", 1)[-1]
    body = b""
    if method in ("POST", "PUT"):
        body = json.dumps({**BODIES.get(last, {}), "dryRun": True}).encode()
    query = {"dryRun": "true"} if method == "DELETE" and path.startswith(f"{PREFIX}/namespaces/") else QUERIES.get(last)
    async with client.stream(path, method=method, body=body, params=query) as answer:
        return answer.status


async def in_bulk(client: Client, route: APIRoute, **chosen: object) -> Response:
    """The answer of a route that changes many objects."""
    last = route.path.rsplit("/", 1)[-1]
    return await client.post(route.path, {**BODIES.get(last, {}), **chosen, "dryRun": True})


def test_every_route_has_one_requirement(web: Web) -> None:
    """The gate can't be forgotten: a route without it stops the start."""
    routes = list(api_routes(web.app))
    assert len(routes) >= 28
    assert [route.path for route in routes if requirement_of(route) is None] == []
    public = {route.path for route in routes if isinstance(requirement_of(route), Public)}
    signing_in = {"/api/v1/session", *(f"/api/v1/session/{name}" for name in ("options", "oidc", "oidc/callback"))}
    assert public == {*signing_in, "/api/v1/openapi.json", "/{page:path}"}


def test_a_route_without_requirement_stops_the_start(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever adds one learns it at once."""
    careless = router("careless")

    @careless.get("/everything")
    async def everything() -> str:
        return "all"

    monkeypatch.setattr(app_module, "ROUTERS", (*ROUTERS, careless))
    with pytest.raises(AssertionError, match="/api/v1/everything has no requirement"):
        build_app(web.parts)


async def test_nobody_comes_in_without_a_token(web: Web) -> None:
    """Every route but the public ones answers 401, also with a token that is none."""
    strangers = (web.client(), Client(web.app, "made-up"), Client(web.app, "with blank"))
    for route in api_routes(web.app):
        if not isinstance(requirement_of(route), Public):
            for stranger in strangers:
                assert await call(stranger, route, A) == 401, route.path


async def test_a_tenant_sees_nothing_of_another(web: Web) -> None:
    """Alice may everything in A and nothing in B; lists without a namespace show A alone."""
    alice = web.client("alice")
    for route in api_routes(web.app):
        requirement = requirement_of(route)
        if isinstance(requirement, InNamespace):
            assert await call(alice, route, B) == 403, route.path
        elif isinstance(requirement, Anywhere) and route.methods == {"POST"}:
            kind = "dags" if route.path.endswith("/pause") else "runs"
            named = {kind: [{"namespace": B, "name": "etl-03"}]}
            (item,) = (await in_bulk(alice, route, **named)).json()["items"]
            assert (item["problem"]["status"], item["outcome"]) == (403, None)
            assert (await in_bulk(alice, route, filter={"namespace": B})).status == 403
            found = (await in_bulk(alice, route, filter={})).json()["items"]
            assert {item["namespace"] for item in found} == {A}
        elif isinstance(requirement, Anywhere):
            assert (await alice.get(route.path, {"namespace": B})).status == 403
            if not route.path.endswith("/events"):
                shown = (await alice.get(route.path)).json()["items"]
                assert {item["namespace"] for item in shown} == {A}


async def test_a_tenant_may_all_at_home(web: Web) -> None:
    """No route refuses whom it should let in."""
    alice = web.client("alice")
    web.server.logs["etl-03-report-2"] = [b"done\n"]
    manifest = {"metadata": {"namespace": A, "name": "etl-03"}, "spec": {"dagRef": {"name": "etl"}}}
    web.server.cluster.create(Kind.DAG_RUN, manifest)
    web.server.cluster.patch_status(Kind.DAG_RUN, Key(A, "etl-03"), {"revision": REVISION})
    for route in api_routes(web.app):
        if isinstance(requirement_of(route), InNamespace):
            assert await call(alice, route, A) in (200, 201), route.path


async def test_each_need_is_asked_as_rbac_knows_it(web: Web) -> None:
    """Whoever has all rights but the one that a route is for is refused by it."""
    every = {(verb, resource, A) for verb in ("get", "list", "create", "patch", "delete") for resource in RESOURCES}
    for route in api_routes(web.app):
        requirement = requirement_of(route)
        if isinstance(requirement, InNamespace):
            need = requirement.need
            resource = need.resource + (f"/{need.subresource}" if need.subresource else "")
            user = f"without-{need.verb}-{resource.replace('/', '-')}"
            web.server.grant(user, *(every - {(need.verb, resource, A)}))
            assert await call(web.client(user), route, A) == 403, (route.path, str(need))


async def test_in_bulk_each_need_is_asked(web: Web) -> None:
    """Whoever may not change the objects changes none of them, and whoever may not see them finds none."""
    every = {(verb, resource, A) for verb in ("get", "patch", "delete") for resource in RESOURCES}
    for route in api_routes(web.app):
        requirement = requirement_of(route)
        if not route.path.startswith(f"{PREFIX}/bulk/") or not isinstance(requirement, Anywhere):
            continue
        kind, resource = ("dags" if route.path.endswith("/pause") else "runs"), requirement.need.resource
        for verb in (requirement.need.verb, "get"):
            user = f"without-{verb}-{resource}"
            web.server.grant(user, *(every - {(verb, resource, A)}))
            assert (await in_bulk(web.client(user), route, filter={"namespace": A})).status == 403, route.path
            assert (await in_bulk(web.client(user), route, filter={})).json()["items"] == []
            if resource == "dagruns":
                beside = {"namespace": A, "name": "etl-03", "past": True}
                assert (await in_bulk(web.client(user), route, beside=beside)).status == 403, route.path
        (item,) = (
            await in_bulk(
                web.client(f"without-{requirement.need.verb}-{resource}"),
                route,
                **{kind: [{"namespace": A, "name": "etl"}]},
            )
        ).json()["items"]
        assert item["problem"]["status"] == 403


async def test_home_has_the_parts_that_one_may_see(web: Web) -> None:
    """A part needs the right of its list; without any of them a namespace is refused."""
    parts = {"dagruns": ("counts", "failedRuns"), "dags": ("dagsNotReady",), "pools": ("pools",)}
    for resource, names in {**parts, "approvals": ("pendingApprovals",)}.items():
        user = web.server.grant(f"sees-{resource}", ("get", resource, A)).removeprefix("token-of-")
        found = (await web.client(user).get("/api/v1/home")).json()
        assert {name for name, part in found.items() if part is not None} == {"since", *names}
        assert (await web.client(user).get("/api/v1/home", {"namespace": B})).status == 403
        assert (await web.client(user).get("/api/v1/home", {"namespace": A})).status == 200
    shown = (await web.client("alice").get("/api/v1/home")).json()
    assert {each["namespace"] for name in ("dagsNotReady", "pools") for each in shown[name]} == {A}
    assert shown["pendingApprovals"] == 1


def test_writes_need_writing(web: Web) -> None:
    """Every route that changes something requires a verb that changes something."""
    for route in api_routes(web.app):
        requirement = requirement_of(route)
        if route.methods != {"GET"} and not route.path.endswith("/session"):
            assert isinstance(requirement, InNamespace | Anywhere)
            assert requirement.need.verb in ("create", "patch", "delete")


async def test_a_right_that_is_taken_away_is_gone_in_seconds() -> None:
    """Answers are remembered for a few seconds, of each caller apart, and errors not at all."""
    server, times = StandIn(), [0.0]
    reviews = Reviews(server, now=lambda: times[0])
    need = Need("get", "dags")
    alice, bob = Caller(server.grant("alice", ("get", "dags", A))), Caller(server.grant("bob"))
    assert await reviews.may(alice, need, A)
    assert not await reviews.may(bob, need, A)
    server.rights["alice"].clear()
    assert await reviews.may(alice, need, A)
    assert len(server.asked) == 2
    times[0] = ANSWER_SECONDS + 1
    assert not await reviews.may(alice, need, A)


def test_signed_in_routes_show_no_rows(web: Web) -> None:
    """What only asks for a known caller tells of no object but the names of namespaces they may see."""
    known = {route.path for route in api_routes(web.app) if isinstance(requirement_of(route), SignedIn)}
    assert known == {"/api/v1/session", "/api/v1/health", "/api/v1/namespaces"}
