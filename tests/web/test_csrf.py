"""Every route that changes something x everything that another site's page can make a browser send: all is refused."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.app import openapi
from controller.web.identity import OWN_HEADER
from tests.web.conftest import Web
from tests.web.objects import REVISION, SPEC, A
from tests.web.test_authorisation import BODIES, NAMES

COOKIE: Final = {"Cookie": "__Host-slipway=token-of-alice"}
OWN: Final = "https://slipway.test"
EVIL: Final = "https://evil.test"
OURS: Final = {**COOKIE, OWN_HEADER: "1", "Origin": OWN}
SIGN_IN: Final = "/api/v1/session"
FORMS: Final = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
"""What a form can send, so what a browser sends for another site without asking first."""
ATTACKS: Final[Mapping[str, Mapping[str, str]]] = {
    "cookie alone": {},
    "our origin without our header": {"Origin": OWN},
    "our header without an origin": {OWN_HEADER: "1"},
    "another origin": {OWN_HEADER: "1", "Origin": EVIL},
    "an origin that begins as ours": {OWN_HEADER: "1", "Origin": f"{OWN}.evil.test"},
    "our host on another port": {OWN_HEADER: "1", "Origin": f"{OWN}:8443"},
    "no origin at all": {OWN_HEADER: "1", "Origin": "null"},
    "an origin that only a proxy names": {
        OWN_HEADER: "1",
        "Origin": EVIL,
        "X-Forwarded-Host": "evil.test",
    },
    **{f"a form of {form}": {"Content-Type": form, "Origin": EVIL} for form in FORMS},
}
CHANGES: Final = [
    (method.upper(), path)
    for path, operations in sorted(openapi()["paths"].items())
    for method in operations
    if method != "get"
]


@pytest.fixture
def objects(web: Web) -> Web:
    """The server, and a cluster with an object for each address."""
    manifests: Mapping[Kind, Mapping[str, Any]] = {
        Kind.DAG: {"metadata": {"name": NAMES["dag"]}, "spec": SPEC},
        Kind.DAG_RUN: {"metadata": {"name": NAMES["run"]}, "spec": {"dagRef": {"name": "etl"}}},
        Kind.POOL: {"metadata": {"name": NAMES["pool"]}, "spec": {"slots": 4}},
        Kind.BACKFILL: {"metadata": {"name": NAMES["backfill"]}, "spec": {"dagRef": {"name": "etl"}}},
        Kind.APPROVAL: {"metadata": {"name": NAMES["approval"]}, "spec": {"options": ["approve"]}},
    }
    for kind, manifest in manifests.items():
        named = {**manifest, "metadata": {**manifest["metadata"], "namespace": A}}
        web.server.cluster.create(kind, named)
    for kind, name in ((Kind.DAG, "dag"), (Kind.DAG_RUN, "run")):
        web.server.cluster.patch_status(kind, Key(A, NAMES[name]), {"revision": REVISION})
    return web


def test_the_inventory_has_every_kind_of_change() -> None:
    """A change that is added later is attacked too; none is ever lost from the list unseen."""
    assert len(CHANGES) >= 19
    assert {method for method, _ in CHANGES} == {"POST", "PUT", "DELETE"}


async def test_our_own_page_is_let_in(objects: Web) -> None:
    """Or else what follows would prove nothing: the same requests, from our own page, are answered."""
    for method, path in CHANGES:
        if path != SIGN_IN:
            answer = await _send(objects, method, path, OURS, dry_run=True)
            assert answer in (200, 201, 204), (method, path, answer)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_change_is_made_for_another_site(objects: Web, attack: str) -> None:
    """Refused before anything is asked of the cluster, and the cluster is as it was."""
    before = objects.server.cluster.version
    for method, path in CHANGES:
        if path == SIGN_IN and "Origin" not in ATTACKS[attack]:
            continue  # a browser names the origin of every POST; the token is in the body, not in a cookie
        status = await _send(objects, method, path, {**COOKIE, **ATTACKS[attack]})
        assert status == 403 or (status == 422 and path == SIGN_IN), (method, path, status)
    assert objects.server.cluster.version == before
    assert objects.server.asked == []


@pytest.mark.parametrize("form", FORMS)
async def test_a_body_of_a_form_is_not_read(objects: Web, form: str) -> None:
    """JSON in a form's clothes is none, even where all else is right."""
    before = objects.server.cluster.version
    for method, path in CHANGES:
        if "requestBody" in openapi()["paths"][path][method.lower()]:
            status = await _send(objects, method, path, {**OURS, "Content-Type": form})
            assert status == 422, (method, path, status)
    assert objects.server.cluster.version == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_no_change_is_made_by_a_link(objects: Web, method: str) -> None:
    """A picture, a link or a preflight with the cookie changes nothing, whatever method it says it stands for."""
    before = objects.server.cluster.version
    disguised = {**COOKIE, "X-HTTP-Method-Override": "POST", "Origin": EVIL}
    for real, path in CHANGES:
        address = path.format(namespace=A, **NAMES)
        query = {"_method": real, "dryRun": "false"}
        answer = await objects.client().send(method, address, params=query, headers=disguised)
        read = method == "GET" and "get" in openapi()["paths"][path]
        assert answer.status in ((200, 422) if read else (404, 405)), (path, answer.status)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert objects.server.cluster.version == before


async def test_nobody_is_signed_in_or_out_by_another_site(objects: Web) -> None:
    """A person who is made to work in an attacker's session would give him what they type."""
    token = json.dumps({"token": "token-of-alice"}).encode()
    for origin in (EVIL, "null", f"{OWN}.evil.test"):
        for method, body in (("POST", token), ("DELETE", b"")):
            headers = {**COOKIE, OWN_HEADER: "1", "Origin": origin}
            answer = await objects.client().send(method, SIGN_IN, body=body, headers=headers)
            assert answer.status == 403
            assert "set-cookie" not in answer.headers


async def _send(web: Web, method: str, path: str, headers: Mapping[str, str], *, dry_run: bool = False) -> int:
    """The status of a change that would be made, were it not refused."""
    given = BODIES.get(path.rsplit("/", 1)[-1], {})
    if path == SIGN_IN:
        body: Mapping[str, object] = {"token": "token-of-alice"}
    else:
        chosen = {"filter": {"namespace": A}} if "/bulk/" in path else {}
        body = {**given, **chosen, "dryRun": dry_run}
    has_body = method != "DELETE"
    answer = await web.client().send(
        method,
        path.format(namespace=A, **NAMES),
        params=None if has_body or path == SIGN_IN else {"dryRun": json.dumps(dry_run)},
        body=json.dumps(body).encode() if has_body else b"",
        headers=headers,
    )
    return answer.status
