"""Dockerfile -> an image in the native cluster, by a Docker daemon of our own that runs for the build only.

The daemon shares the cluster's containerd and keeps its layers in `.slipway/docker`, so a build whose
Dockerfile changed little takes seconds. It makes no network: builds use the host's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.commands import ClusterError, run
from tests.cluster.locks import locked
from tests.cluster.model import ImageOrder
from tests.cluster.native import images, lifecycle
from tests.cluster.native.layout import CONTAINERD_SOCKET, DOCKER_RUN, DOCKER_SOCKET, RUN, Layout
from tests.cluster.native.parts import Part
from tests.cluster.progress import step

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
"""Docker knows these build arguments without the Dockerfile declaring them."""


def build(layout: Layout, order: ImageOrder) -> None:
    """Build a Dockerfile and import the image; later fresh starts of this checkout import it again."""
    # One build at a time: the first to end would stop the daemon under the other.
    with locked(RUN / "image.lock"), _daemon(layout, keep=order.keep_daemon):
        if order.base in (None, images.BASE_IMAGE):
            _load_base(layout)
        with step(f"building the image {order.tag}"):
            flags = ["--network=host", f"--tag={order.tag}", *_arguments(order)]
            _docker(layout, "build", *flags, str(order.context))
        archive = _archive(layout, order.tag)
        with step(f"saving the image {order.tag}"):
            _docker(layout, "save", f"--output={archive}", order.tag)
        _drop_older(layout, order.tag)
    images.import_archive(archive)


def _archive(layout: Layout, tag: str) -> Path:
    """Where an image is kept for fresh starts; those import all there is, so the last one of its kind goes."""
    repository, _, version = tag.replace("/", "-").partition(":")
    layout.images.mkdir(parents=True, exist_ok=True)
    for last in layout.images.glob(f"{repository}@*.tar"):
        last.unlink()
    return layout.images / f"{repository}@{version or 'latest'}.tar"


def _drop_older(layout: Layout, tag: str) -> None:
    """Keep Docker's folder small: earlier images of the repository go, and untagged ones of an hour's age.

    Not all untagged ones: the last stages of this build are among them, and with them the next build's cache.
    """
    repository = tag.partition(":")[0]
    listed = _docker(layout, "image", "ls", "--format={{.Repository}}:{{.Tag}}", repository)
    if older := [name for name in listed.split() if name != tag and "<none>" not in name]:
        _docker(layout, "image", "rm", "--force", *older)
    _docker(layout, "image", "prune", "--force", "--filter=until=1h")


def _arguments(order: ImageOrder) -> list[str]:
    values = {name: os.environ[name] for name in PROXIES if name in os.environ}
    values["BASE_IMAGE"] = order.base or images.BASE_IMAGE
    return [f"--build-arg={name}={value}" for name, value in values.items()]


@contextmanager
def _daemon(layout: Layout, *, keep: bool) -> Iterator[None]:
    """The private daemon, ready to build; one that was kept by an earlier build is used again."""
    layout.config.mkdir(parents=True, exist_ok=True)  # missing where the cluster is another checkout's
    (layout.config / "docker.json").write_text("{}")
    lifecycle.start_part(_part(layout))
    try:
        yield
    finally:
        if not keep:
            lifecycle.stop_part("dockerd")


def _part(layout: Layout) -> Part:
    arguments = [
        f"--config-file={layout.config}/docker.json",
        f"--data-root={layout.docker}",
        f"--exec-root={DOCKER_RUN}",
        f"--pidfile={DOCKER_RUN}/pid",
        f"--host=unix://{DOCKER_SOCKET}",
        f"--containerd={CONTAINERD_SOCKET}",
        "--cgroup-parent=/slipway-docker",
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
    ]
    return Part("dockerd", lambda _: arguments, str(DOCKER_SOCKET), ("containerd",), program="dockerd")


def _load_base(layout: Layout) -> None:
    """Docker keeps its own copy of the base image; the marker tells which one it has."""
    archive, marker = images.base_archive(), layout.docker / "base-image"
    if marker.exists() and marker.read_text() == archive.name:
        return
    with step("loading the base image into Docker"):
        _docker(layout, "load", "--input", str(archive))
    marker.write_text(archive.name)


def _docker(layout: Layout, *arguments: str) -> str:
    # The client that came with the daemon: a much newer one elsewhere in PATH may not speak to it.
    client = shutil.which("docker", path=f"/usr/bin:{os.environ['PATH']}")
    if client is None:
        raise ClusterError("The Docker client is missing; `up` installs it.")
    own_settings = {"DOCKER_CONFIG": str(layout.docker / "client"), "DOCKER_BUILDKIT": "0"}
    return run([client, f"--host=unix://{DOCKER_SOCKET}", *arguments], env=own_settings)
