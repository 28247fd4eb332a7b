"""The webhook's certificate over its life: made, trusted, renewed in time, agreed on by replicas, and put back."""

import base64
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from controller.admission.certificate import Held, data_of, held_in, is_due, renewed
from controller.admission.keeper import Keeper
from controller.admission.place import Place
from controller.errors import Conflict, Unavailable
from controller.model.metadata import Key
from tests.admission.asking import CONFIGURATION, MadeUpCluster

PLACE: Final = Place("slipway", "slipway-webhook", "slipway-webhook", CONFIGURATION, certificate_seconds=120)
START: Final = datetime(2026, 1, 1, 6, tzinfo=UTC)


class Clock:
    """The time, which tests move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class Replica:
    """A controller that keeps the certificate."""

    def __init__(self, cluster: Any, clock: Callable[[], datetime]) -> None:
        self.serves: list[Held] = []
        self.keeper = Keeper(PLACE, cluster, self.serves.append, clock)

    async def round(self) -> Held:
        """One round; what is served after it."""
        await self.keeper.round()
        return self.serves[-1]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at six."""
    return Clock()


def trusted(cluster: MadeUpCluster) -> set[bytes]:
    """The authorities that each of the webhooks trusts; they must agree."""
    bundles = {
        each["clientConfig"].get("caBundle", "")
        for configuration in cluster.configurations.values()
        for each in configuration["webhooks"]
    }
    assert len(bundles) == 1
    return {
        each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(base64.b64decode(bundles.pop()))
    }


def is_trusted(cluster: MadeUpCluster, held: Held) -> bool:
    """Whether one of them has signed the certificate."""
    leaf = x509.load_pem_x509_certificate(held.certificate)
    for der in trusted(cluster):
        try:
            leaf.verify_directly_issued_by(x509.load_der_x509_certificate(der))
        except InvalidSignature:
            continue
        return True
    return False


async def test_the_first_round(clock: Clock) -> None:
    """An empty Secret is filled, all webhooks are told, and the certificate is served at once."""
    cluster = MadeUpCluster()
    held = await Replica(cluster, clock).round()
    assert cluster.writes == ["secret", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"]
    assert is_trusted(cluster, held)
    paths = {
        each["name"]: each["clientConfig"]["service"]["path"]
        for configuration in cluster.configurations.values()
        for each in configuration["webhooks"]
    }
    assert paths["stamp-dagruns.slipway.dev"] == f"/{held.path}/stamp-dagruns"
    assert len(held.path) == 32
    assert held.ends_at == START + timedelta(seconds=120)


async def test_a_quiet_round(clock: Clock) -> None:
    """Where all stands as it must nothing is written, and nothing loaded anew."""
    cluster = MadeUpCluster()
    replica = Replica(cluster, clock)
    await replica.round()
    cluster.writes.clear()
    clock.tick(79)
    await replica.round()
    assert (cluster.writes, len(replica.serves)) == ([], 1)


async def test_a_whole_life(clock: Clock) -> None:
    """Two minutes each, over an hour, in two replicas: none is served that has ended or is not trusted yet."""
    cluster = MadeUpCluster()
    replicas = [Replica(cluster, clock), Replica(cluster, clock)]
    for _ in range(600):
        for replica in replicas:
            served = await replica.round()
            assert served.ends_at > clock.now
            assert all(is_trusted(cluster, each.serves[-1]) for each in replicas if each.serves)
        clock.tick(PLACE.round_seconds)
    assert 30 <= len(replicas[0].serves) <= 50
    assert len(trusted(cluster)) <= 3
    assert len({held.path for held in replicas[0].serves}) == 1


async def test_the_old_one_is_served_until_the_new_one_is_trusted(clock: Clock) -> None:
    """The round that renews tells the API server; the next one serves."""
    cluster = MadeUpCluster()
    replica = Replica(cluster, clock)
    first = await replica.round()
    clock.tick(80)
    assert await replica.round() == first
    assert len(trusted(cluster)) == 2
    second = await replica.round()
    assert second != first
    assert is_trusted(cluster, first)


async def test_two_replicas_renew_at_once(clock: Clock) -> None:
    """One is first, the other takes what it made."""

    class Slower(MadeUpCluster):
        async def fill_secret(self, key: Key, data: Any, version: str) -> None:
            if not self.writes:
                await MadeUpCluster.fill_secret(self, key, data_of(renewed(None, PLACE.hosts, START, 120)), version)
                raise Conflict("the Secret was changed")
            await super().fill_secret(key, data, version)

    cluster = Slower()
    held = await Replica(cluster, clock).round()
    assert held == held_in(cluster.data)
    assert cluster.writes.count("secret") == 1


async def test_a_second_replica(clock: Clock) -> None:
    """It serves what the first one made."""
    cluster = MadeUpCluster()
    assert await Replica(cluster, clock).round() == await Replica(cluster, clock).round()
    assert cluster.writes.count("secret") == 1


async def test_a_restart_long_after(clock: Clock) -> None:
    """A certificate that ended meanwhile is never served."""
    cluster = MadeUpCluster()
    await Replica(cluster, clock).round()
    clock.tick(9999)
    held = await Replica(cluster, clock).round()
    assert held.ends_at > clock.now
    assert len(trusted(cluster)) == 1


@pytest.mark.parametrize("blanked", ["caBundle", "path", "all"])
async def test_a_helm_upgrade_blanks_the_webhooks(clock: Clock, blanked: str) -> None:
    """The next round puts back what is missing, and touches nothing else."""
    cluster = MadeUpCluster()
    replica = Replica(cluster, clock)
    await replica.round()
    before = await cluster.configuration("validatingwebhookconfigurations", "")
    client = cluster.configurations["validatingwebhookconfigurations"]["webhooks"][1]["clientConfig"]
    if blanked != "path":
        del client["caBundle"]
    if blanked != "caBundle":
        del client["service"]["path"]
    cluster.writes.clear()
    await replica.round()
    assert await cluster.configuration("validatingwebhookconfigurations", "") == before
    assert cluster.writes == ["validatingwebhookconfigurations"]


async def test_a_configuration_that_is_not_there(clock: Clock) -> None:
    """The others are told; nothing stops."""
    cluster = MadeUpCluster()
    del cluster.configurations["mutatingwebhookconfigurations"]
    assert is_trusted(cluster, await Replica(cluster, clock).round())


async def test_the_api_server_is_away(clock: Clock) -> None:
    """What is served stays, and the round after goes on."""
    cluster = MadeUpCluster()
    replica = Replica(cluster, clock)
    first = await replica.round()
    cluster.down = True
    clock.tick(80)
    with pytest.raises(Unavailable):
        await replica.round()
    assert replica.serves == [first]
    cluster.down = False
    await replica.round()
    assert await replica.round() != first


GOOD: Final = data_of(renewed(None, PLACE.hosts, START, 120))


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {**GOOD, "tls.key": ""},
        {**GOOD, "tls.crt": "no base64!"},
        {**GOOD, "ca.crt": base64.b64encode(b"no PEM").decode()},
        {**GOOD, "path": ""},
        {**GOOD, "tls.key": None},
        {name: value for name, value in GOOD.items() if name != "path"},
    ],
)
async def test_a_secret_that_somebody_broke(clock: Clock, data: Any) -> None:
    """It is made anew."""
    assert held_in(data) is None
    cluster = MadeUpCluster(data=data or {})
    assert is_trusted(cluster, await Replica(cluster, clock).round())


def test_what_a_certificate_is_good_for() -> None:
    """It is for two names and for serving alone; its authority signs nothing else, and its key is kept nowhere."""
    held = renewed(None, PLACE.hosts, START, 120)
    leaf = x509.load_pem_x509_certificate(held.certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [
        "slipway-webhook.slipway.svc",
        "slipway-webhook.slipway.svc.cluster.local",
    ]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert held.key.count(b"PRIVATE KEY-----") == 2
    assert b"PRIVATE" not in held.authorities + held.certificate
    ssl.create_default_context(cadata=held.authorities.decode())


@pytest.mark.parametrize(("seconds", "due"), [(0, False), (79, False), (80, True), (9999, True)])
def test_when_it_is_due(seconds: float, *, due: bool) -> None:
    """After two thirds of its life, as long as there is time left; at once where the Service is called otherwise."""
    held = renewed(None, PLACE.hosts, START, 120)
    assert is_due(held, PLACE.hosts, START + timedelta(seconds=seconds)) is due
    assert is_due(held, ("other.slipway.svc",), START)


def test_long_names_of_services() -> None:
    """The common name has 64 characters at most, the others the whole name."""
    host = f"{'s' * 63}.{'n' * 63}.svc"
    leaf = x509.load_pem_x509_certificate(renewed(None, (host,), START, 120).certificate)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [host]


@pytest.mark.parametrize(("seconds", "round_seconds"), [(7_776_000, 60), (120, 6), (60, 3)])
def test_how_often_it_is_looked_at(seconds: int, round_seconds: float) -> None:
    """Each minute, and oftener where certificates are short-lived."""
    assert Place("n", "s", "s", "c", certificate_seconds=seconds).round_seconds == round_seconds
