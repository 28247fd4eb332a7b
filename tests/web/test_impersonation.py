"""What the API server gets when a trusted proxy says who asks: our own token, and whom to take us for."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web as fake

from controller.connection import Connection
from controller.errors import Unauthenticated, Unavailable
from controller.kube import Kube
from controller.model.action import Kind
from controller.model.metadata import Key
from controller.web.api_server import Caller, Impersonated, KubeApiServer, own_connection
from controller.web.need import Need
from controller.web.proxied import SECRET_HEADER
from controller.web.reviews import Reviews, _digest
from controller.web.serve import opened_parts
from controller.web.settings import WebSettings
from tests.web.objects import A

SECRET = "a-secret-of-the-proxy-and-ours"  # noqa: S105 made up
OWN = "our-own"
USER, GROUPS = "X-Remote-User", "X-Remote-Groups"
SESSION = "/api/v1/session"
PAUSE = f"/api/v1/namespaces/{A}/dags/etl/pause"
ALICE = {SECRET_HEADER: SECRET, USER: "alice"}

Seen = list[tuple[str, list[tuple[str, str]]]]


@pytest.fixture
async def requests() -> Seen:
    """What the API server got: the path, and the headers that say who asks."""
    return []


@pytest.fixture
async def address(requests: Seen) -> AsyncIterator[str]:
    """An API server that knows one token, and takes its owner for whomever he says."""

    async def answer(request: fake.Request) -> fake.Response:
        named = [(name, value) for name, value in request.headers.items() if name.startswith(("Imp", "Auth"))]
        requests.append((request.path, named))
        if request.headers.get("Authorization") != f"Bearer {OWN}":
            return fake.json_response({"message": "Unauthorized"}, status=401)
        user = request.headers.get("Impersonate-User", "ourselves")
        return fake.json_response({"status": {"allowed": user == "alice", "userInfo": {"username": user}}})

    app = fake.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = fake.AppRunner(app)
    await runner.setup()
    await fake.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_what_the_api_server_gets(address: str, requests: Seen) -> None:
    """Our own token with the user and each group, for reviews, reads, changes and logs; with a token nothing of it."""
    async with Kube(Connection(address)) as bare, Kube(Connection(address, token=OWN)) as own:
        server = KubeApiServer(bare, impersonator=own)
        alice = Caller(None, Impersonated("alice", ("dev", "ops")))
        named = [
            ("Authorization", f"Bearer {OWN}"),
            ("Impersonate-User", "alice"),
            ("Impersonate-Group", "dev"),
            ("Impersonate-Group", "ops"),
        ]
        reviews, need = Reviews(server), Need("get", "dags")
        assert await reviews.who(alice) == "alice"
        assert await reviews.may(alice, need, A)
        session = server.acting_as(alice)
        await session.get(Kind.DAG, Key(A, "etl"))
        await session.patch(Kind.DAG, Key(A, "etl"), {})
        async for _ in session.stream("/api/v1/log", {}):
            pass
        assert len(requests) == 5
        assert all(got == named for _, got in requests)
        assert not await reviews.may(Caller(None, Impersonated("bob", ("alice",))), need, A)
        requests.clear()
        with pytest.raises(Unauthenticated):
            await server.acting_as(Caller("alices")).get(Kind.DAG, Key(A, "etl"))
        assert requests[0][1] == [("Authorization", "Bearer alices")]


async def test_our_own_rights_are_nobodys(address: str) -> None:
    """Neither a caller without a name nor one with a token gets what the impersonator may."""
    async with Kube(Connection(address)) as bare, Kube(Connection(address, token=OWN)) as own:
        with pytest.raises(AssertionError):
            KubeApiServer(bare, impersonator=own).acting_as(Caller(None))
        with pytest.raises(AssertionError):
            KubeApiServer(bare, own=own).acting_as(Caller(None, Impersonated("alice")))


async def test_our_own_token_is_not_known(address: str) -> None:
    """That is not the caller's fault, who could do nothing about it by signing in."""
    async with Kube(Connection(address)) as bare, Kube(Connection(address, token=OWN[:-1])) as own:
        with pytest.raises(Unavailable, match="web server's own token"):
            await Reviews(KubeApiServer(bare, impersonator=own)).who(Caller(None, Impersonated("alice")))


def test_answers_are_remembered_for_each_identity() -> None:
    """The groups belong to it; and no token's answer is ever that of a name."""
    names = [Impersonated("alice"), Impersonated("a", ("lice",)), Impersonated("alice", ("dev",)), Impersonated("")]
    identities = [Caller(None), Caller("alice"), *(Caller(None, name) for name in names)]
    assert len({_digest(each) for each in identities}) == len(identities)


def test_own_credentials_go_to_the_same_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a setting names the API server, ours do not go to the kubeconfig's."""
    monkeypatch.setattr(
        "controller.web.api_server.load_connection", lambda: Connection("https://other.test", ca_path="/ca", token=OWN)
    )
    assert own_connection(WebSettings()).server == "https://other.test"
    given = own_connection(WebSettings(api_server="https://api.test/"))
    assert (given.server, given.ca_path, given.token) == ("https://api.test", "/ca", OWN)


async def test_the_server_is_put_together(
    address: str, requests: Seen, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a proxy our own credentials only ever impersonate; without one there are none."""
    monkeypatch.setattr(
        "controller.web.api_server.load_connection", lambda: Connection("https://other.test", token=OWN)
    )
    settings = WebSettings(database_url=url, api_server=address, proxy_user_header=USER, proxy_secret=SECRET)
    async with opened_parts(settings) as parts:
        assert await parts.reviews.who(Caller(None, Impersonated("alice"))) == "alice"
        assert ("Authorization", f"Bearer {OWN}") in requests[-1][1]
        with pytest.raises(AssertionError):
            parts.api_server.acting_as(Caller(None))
    async with opened_parts(WebSettings(database_url=url, api_server=address)) as parts:
        with pytest.raises(AssertionError):
            parts.api_server.acting_as(Caller(None, Impersonated("alice")))
