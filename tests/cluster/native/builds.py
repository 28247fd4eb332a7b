"""Go modules beside this package -> programs in the user's cache, built once per content.

A module's programs lie in a folder named after the hash of its go.mod, go.sum and source, so a fresh
clone finds them, two checkouts with different pins do not fight, and a changed pin builds anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import ClusterError, run
from tests.cluster.native.layout import Layout, cache
from tests.cluster.progress import step

SOURCES = Path(__file__).resolve().parents[1] / "go"
KUBERNETES_VERSION = "1.34.4"


@dataclass(frozen=True, slots=True)
class Module:
    """One folder with a go.mod, and what is built from it."""

    folder: str
    title: str
    packages: tuple[str, ...]
    aliases: dict[str, tuple[str, ...]]
    """Built file -> the names under which it is called; none means its own."""
    linker: str = ""


DAEMONS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")

KUBERNETES = Module(
    "kubernetes",
    f"Kubernetes {KUBERNETES_VERSION} and helm",
    (".", "k8s.io/kubernetes/cmd/kubectl", "helm.sh/helm/v3/cmd/helm"),
    {"kubernetes": DAEMONS},
    # Without it the server calls itself v0.0.0-master, and charts that ask for a version refuse it.
    f"-X k8s.io/component-base/version.gitVersion=v{KUBERNETES_VERSION}",
)
ETCD = Module("etcd", "etcd", ("go.etcd.io/etcd/server/v3",), {"server": ("etcd",), "v3": ("etcd",)})
COREDNS = Module("coredns", "CoreDNS", (".",), {})
PAUSE = Module("pause", "the pause program", (".",), {})
KWOK = Module("kwok", "kwok", ("sigs.k8s.io/kwok/cmd/kwok",), {})
KIND = Module("kind", "kind", ("sigs.k8s.io/kind",), {})

NEEDED = (PAUSE, KUBERNETES, ETCD, COREDNS)
"""What every cluster needs. kwok and kind are built when somebody asks for them."""


def programs(module: Module) -> dict[str, Path]:
    """Each program of a module, by name; built first when the cache lacks them."""
    folder = _folder(module)
    if not folder.is_dir():
        with step(f"building {module.title} from source"):
            _build(module, folder)
    return {file.name: file for file in sorted(folder.iterdir())}


def link_programs(layout: Layout, module: Module) -> None:
    """Put a module's programs where the parts, and the user, look for them."""
    layout.bin.mkdir(parents=True, exist_ok=True)
    for name, program in programs(module).items():
        link = layout.bin / name
        link.unlink(missing_ok=True)
        link.symlink_to(program)


def _folder(module: Module) -> Path:
    digest = hashlib.sha256(repr(module).encode())
    for file in sorted((SOURCES / module.folder).iterdir()):
        digest.update(file.read_bytes())
    return cache() / "bin" / f"{module.folder}-{digest.hexdigest()[:12]}"


def _build(module: Module, folder: Path) -> None:
    if shutil.which("go") is None:
        raise ClusterError("Install Go 1.24 or newer: the native cluster is built from source.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
        run(
            ["go", "build", "-ldflags", f"-s -w {module.linker}", "-o", f"{scratch}/", *module.packages],
            cwd=SOURCES / module.folder,
            # Static, so that the pause program runs in an empty image; and no C compiler is needed.
            env={"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOWORK": "off"},
        )
        for built, names in module.aliases.items():
            _rename(Path(scratch) / built, names)
        Path(scratch).chmod(0o755)
        # The rename comes last: a build that was killed leaves no folder that looks complete.
        os.rename(scratch, folder)
        os.mkdir(scratch)  # so that the context manager has something to remove


def _rename(built: Path, names: tuple[str, ...]) -> None:
    if not built.exists():
        return
    for name in names:
        os.link(built, built.with_name(name))
    if built.name not in names:
        built.unlink()
