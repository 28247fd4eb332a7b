"""Debian mirror and the pause program -> image archives in the cache; archives -> images in containerd.

The base image stands in for a slim Python image where none can be pulled: it is what the Dockerfile
starts from, and a task's default image. It carries this machine's certificate authorities (a build
behind an intercepting proxy fails without them), so it must never leave this machine.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.locks import locked
from tests.cluster.native import archives, builds
from tests.cluster.native.layout import CONTAINERD_SOCKET, Layout, cache
from tests.cluster.native.mounts import unmount_below
from tests.cluster.progress import step

BASE_IMAGE = "local/base:bookworm"
PAUSE_IMAGE = "local/pause:1"
STOOD_IN_FOR = ("docker.io/library/python:3.13-slim",)
"""Public images that the examples name. None can be pulled here, so the base image answers to their names too."""

_CTR = ("ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io")

SUITE = "bookworm"
INCLUDED = ("python3", "python3-venv", "ca-certificates")
NOT_NEEDED = (
    "usr/share/doc/*",
    "usr/share/man/*",
    "usr/share/info/*",
    "usr/share/locale/*",
    "usr/share/lintian/*",
    "var/cache/apt/*",
    "var/cache/debconf/*-old",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
    "var/log/*",
)
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
OWN_AUTHORITIES = Path("/usr/local/share/ca-certificates")
SETTINGS = {
    # pip and uv bring certificate authorities of their own and would not look at the system's.
    "etc/pip.conf": f"[global]\ncert = {BUNDLE}\n",
    "etc/uv/uv.toml": "native-tls = true\n",
    "etc/apt/apt.conf.d/99slipway": 'APT::Install-Recommends "false";\n',
}
CONFIG: dict[str, object] = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
    "Cmd": ["/bin/sh"],
}


def base_archive() -> Path:
    """The base image, made on first use; another recipe or other authorities make another one."""
    recipe = repr((BASE_IMAGE, SUITE, INCLUDED, NOT_NEEDED, SETTINGS, CONFIG)).encode()
    digest = hashlib.sha256(recipe + _authorities()).hexdigest()[:12]
    return _cached(f"base-{digest}.tar", _make_base)


def pause_archive() -> Path:
    """The image whose program holds a Pod's namespaces open."""
    program = builds.programs(builds.PAUSE)["pause"]
    return _cached(f"{program.parent.name}.tar", partial(_make_pause, program))


def _cached(name: str, make: Callable[[Path, Path], None]) -> Path:
    """The archive of that name in the user's cache; `make` gets a scratch folder and the archive's path."""
    folder = cache() / "images"
    archive, scratch = folder / name, folder / "unfinished"
    with locked(folder / "lock"):
        if not archive.exists():
            # What a build that was killed left here may still have /proc mounted in it.
            unmount_below(scratch)
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            make(scratch, archive)
            shutil.rmtree(scratch)
    return archive


def _make_pause(program: Path, scratch: Path, archive: Path) -> None:
    layer = scratch / "layer.tar"
    archives.layer_of(program, layer)
    archives.write(archive, PAUSE_IMAGE, layer, {"Entrypoint": ["/pause"]})


def import_all(layout: Layout) -> None:
    """Put the two images above, and those that `image` built here earlier, into containerd."""
    for archive in [pause_archive(), base_archive(), *sorted(layout.images.glob("*.tar"))]:
        import_archive(archive)
    for name in STOOD_IN_FOR:
        run([*_CTR, "images", "tag", "--force", f"docker.io/{BASE_IMAGE}", name])


def import_archive(archive: Path) -> None:
    """Put one archive's images where the kubelet looks for them."""
    with step(f"importing the image {archive.stem}"):
        run([*_CTR, "images", "import", archive])


@step("making the base image from Debian packages")
def _make_base(scratch: Path, archive: Path) -> None:
    root, layer = scratch / "root", scratch / "layer.tar"
    include = f"--include={','.join(INCLUDED)}"
    run(["debootstrap", "--variant=minbase", include, SUITE, root, *_mirror()])
    for pattern in NOT_NEEDED:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name, text in SETTINGS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / str(BUNDLE)[1:]).write_bytes(_authorities())
    if OWN_AUTHORITIES.is_dir():
        shutil.copytree(OWN_AUTHORITIES, root / str(OWN_AUTHORITIES)[1:], dirs_exist_ok=True)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    run(["tar", "--numeric-owner", "--one-file-system", "-C", root, "-cf", layer, "."])
    archives.write(archive, BASE_IMAGE, layer, CONFIG)


def _authorities() -> bytes:
    return BUNDLE.read_bytes() if BUNDLE.exists() else b""


def _mirror() -> list[str]:
    """The mirror that this machine's apt uses for the suite; none leaves debootstrap its own default."""
    targets = run(["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)"])
    pairs = [line.split() for line in targets.splitlines()]
    return next(([pair[1]] for pair in pairs if len(pair) == 2 and pair[0] == SUITE), [])
