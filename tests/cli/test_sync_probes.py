"""The rounds of a sync that goes on and on, as the kubelet and Prometheus are told of them."""

import re
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from controller.cli import sync as sync_module
from controller.cli.sync_probes import FRESH_SECONDS, SLOWEST_ROUND_SECONDS, Rounds, serve_rounds
from tests.cli.calling import slipway
from tests.house.tree import ROOT


def value(rounds: Rounds, name: str, **labels: str) -> float | None:
    """A metric's value."""
    return rounds.registry.get_sample_value(name, labels)


def test_readiness_follows_the_source() -> None:
    """Ready once the source was read, whether its files are valid or not; not while it or the cluster is away."""
    rounds = Rounds(60)
    assert rounds.ready() == "the first round has not ended"
    for code, is_ready in ((0, True), (5, False), (1, True), (None, False), (3, True)):
        rounds.ended(code, {})
        assert (rounds.ready() is None) == is_ready


def test_a_round_that_hangs() -> None:
    """It lives while rounds end, failed ones too; after three pauses and the slowest round's time it does not."""
    clock = [0.0]
    rounds = Rounds(60, now=lambda: clock[0])
    clock[0] = 3 * 60 + SLOWEST_ROUND_SECONDS
    assert rounds.alive() is None
    clock[0] += 1
    assert rounds.alive() == "no round has ended for 781 s"
    rounds.ended(None, {})
    assert rounds.alive() is None


def test_metrics() -> None:
    """Rounds by how they went, the last round's report, and when all was well."""
    rounds = Rounds(60)
    assert value(rounds, "slipway_sync_last_success_timestamp_seconds") == 0
    rounds.ended(1, {"created": 2, "invalid": 1})
    assert value(rounds, "slipway_sync_objects", outcome="invalid") == 1
    assert value(rounds, "slipway_sync_last_success_timestamp_seconds") == 0
    rounds.ended(None, {})
    rounds.ended(0, {"unchanged": 3})
    assert value(rounds, "slipway_sync_objects", outcome="invalid") is None
    assert [value(rounds, "slipway_sync_rounds_total", result=word) for word in ("success", "invalid", "failed")] == [
        1,
        1,
        1,
    ]
    assert value(rounds, "slipway_sync_last_success_timestamp_seconds")


@pytest.mark.parametrize(
    ("pause", "seconds"), [(60, FRESH_SECONDS), (400, FRESH_SECONDS), (3600, 3 * 3600 + SLOWEST_ROUND_SECONDS)]
)
def test_when_a_success_is_too_old(pause: float, seconds: float) -> None:
    """After half an hour; with long pauses after as much time as a round that hangs is given."""
    assert value(Rounds(pause), "slipway_sync_stale_after_seconds") == seconds


def test_every_metric_is_documented() -> None:
    """docs/metrics.md has a row for each metric of the sync, and none for one that is not there."""
    text = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    part = text.split("\n## The sync\n")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| `([a-z_]+)", part, re.MULTILINE))
    families = Rounds(60).registry.collect()
    assert told == {family.name + ("_total" if family.type == "counter" else "") for family in families}


def test_the_port() -> None:
    """It answers as the kubelet and Prometheus expect."""
    rounds = Rounds(60)
    server = serve_rounds(rounds, 0)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        assert urllib.request.urlopen(f"{url}/healthz").read() == b"ok"  # noqa: S310 our own server
        assert b"slipway_sync_rounds_total" in urllib.request.urlopen(f"{url}/metrics").read()  # noqa: S310 our own
        for path, status in (("/readyz", 503), ("/other", 404)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"{url}{path}")  # noqa: S310 our own server
            assert refused.value.code == status
            refused.value.close()
    finally:
        server.shutdown()
        server.server_close()


def test_a_watch_tells_of_each_round(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A source that can't be fetched fails the round, deletes nothing, and the next round is told, too."""
    seen: list[Rounds] = []
    ended: list[int | None] = []

    def served(rounds: Rounds, port: int) -> None:
        assert port == 18080
        seen.append(rounds)

    def sleep(_: float) -> None:
        ended.append(None if seen[0].ready() else 0)
        if len(ended) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("controller.cli.sync_probes.serve_rounds", served)
    monkeypatch.setattr(sync_module, "time", SimpleNamespace(sleep=sleep))
    source = f"file://{tmp_path}/none.git"
    code, out, err = slipway("sync", source, "--prune", "--watch", "5", "--probe-port", "18080")
    assert code == 130
    assert out == ""
    assert err.count("none.git can't be fetched") == 1
    assert ended == [None, None]
    assert value(seen[0], "slipway_sync_rounds_total", result="failed") == 2


def test_probes_without_a_watch(tmp_path: Path) -> None:
    """A single round has nobody to tell."""
    assert slipway("sync", str(tmp_path), "--probe-port", "8080") == (
        2,
        "",
        "slipway: --probe-port goes with --watch\n",
    )
