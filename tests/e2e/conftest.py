"""The real cluster with Slipway in it, and a namespace of its own for each test."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import Cluster, cluster_up
from tests.e2e.install import install, kubectl
from tests.e2e.local_controller import LocalController, installed_one_stopped
from tests.e2e.world import World
from tests.s3_server import s3_program

__all__ = ["cluster", "controller", "module_world", "s3_program", "stopped", "world"]


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The cluster, with this checkout's Slipway installed; brought up if need be."""
    cluster = cluster_up()
    install(cluster)
    return cluster


@pytest.fixture
def world(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty namespace, deleted afterwards without waiting."""
    yield from _namespace(cluster, request.node.name)


@pytest.fixture(scope="module")
def module_world(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty namespace for all tests of a module."""
    yield from _namespace(cluster, request.node.name.rsplit("/", 1)[-1].removesuffix(".py"))


@pytest.fixture(scope="module")
def stopped(cluster: Cluster) -> Iterator[None]:
    """The installed controller stands still for this module."""
    with installed_one_stopped(cluster):
        yield


@pytest.fixture
def controller(cluster: Cluster, stopped: None, tmp_path: Path) -> Iterator[LocalController]:
    """A controller process of our own."""
    local = LocalController(cluster, tmp_path)
    local.migrate()
    yield local
    local.stop()


def _namespace(cluster: Cluster, test: str) -> Iterator[World]:
    word = re.sub(r"[^a-z0-9]+", "-", test.lower().removeprefix("test_")).strip("-")[:40].strip("-")
    name = f"{word}-{secrets.token_hex(2)}"
    kubectl(cluster, "create", "namespace", name)
    yield World(cluster, name)
    kubectl(cluster, "delete", "namespace", name, "--wait=false")
