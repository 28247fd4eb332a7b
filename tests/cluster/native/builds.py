"""Go modules beside this package -> programs in the user's cache, built once per content.

A module's programs lie in a folder named after the hash of its go.mod, go.sum and source, so a fresh
clone finds them, two checkouts with different pins do not fight, and a changed pin builds anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.commands import ClusterError, run
from tests.cluster.locks import locked
from tests.cluster.native.layout import Layout, cache
from tests.cluster.progress import step

SOURCES = Path(__file__).resolve().parents[1] / "go"


@dataclass(frozen=True, slots=True)
class Module:
    """One folder with a go.mod, and what is built from it."""

    folder: str
    title: str
    """What a user reads; `{version}` is the pinned version of `pin`."""
    packages: tuple[str, ...]
    pin: str = "no such module"
    """The requirement in go.mod whose version is the programs' version."""
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Built file -> the names under which it is called; a file that is not listed keeps its own."""
    linker: str = ""


ENVIRONMENT = {
    "CGO_ENABLED": "0",  # static, so that the pause program runs in an empty image; and no C compiler is needed
    "GOFLAGS": "-buildvcs=false",
    "GOWORK": "off",
    "GOGC": "400",  # the compiler collects its own garbage less often: a quarter less processor time
}
DAEMONS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")

KUBERNETES = Module(
    "kubernetes",
    "Kubernetes {version} and helm",
    # helm shares most of kubectl's packages; in a module of its own all of them would compile again.
    (".", "k8s.io/kubernetes/cmd/kubectl", "helm.sh/helm/v3/cmd/helm"),
    "k8s.io/kubernetes",
    {"kubernetes": DAEMONS},
    # Without these the server calls itself v0.0.0-master, charts that ask for a version refuse it, and the
    # audit log cannot tell one kubectl from another.
    "-X k8s.io/component-base/version.gitVersion={version} -X k8s.io/client-go/pkg/version.gitVersion={version}",
)
ETCD = Module(
    "etcd",
    "etcd {version}",
    ("go.etcd.io/etcd/server/v3",),
    "go.etcd.io/etcd/server/v3",
    {"server": ("etcd",), "v3": ("etcd",)},
)
COREDNS = Module("coredns", "CoreDNS {version}", (".",), "github.com/coredns/coredns")
PAUSE = Module("pause", "the pause program", (".",))
KWOK = Module("kwok", "kwok {version}", ("sigs.k8s.io/kwok/cmd/kwok",), "sigs.k8s.io/kwok")
VERSITYGW = Module(
    "versitygw", "versitygw {version}", ("github.com/versity/versitygw/cmd/versitygw",), "github.com/versity/versitygw"
)
"""A server that speaks S3, for tests of the artifact store."""
KIND = Module("kind", "kind {version}", ("sigs.k8s.io/kind",), "sigs.k8s.io/kind")

NEEDED = (KUBERNETES, ETCD, COREDNS, PAUSE)
"""What every native cluster needs, the longest build first. kwok and kind are built on request."""


def programs(module: Module) -> dict[str, Path]:
    """Each program of a module, by name; built first when the cache lacks them."""
    folder = _folder(module)
    with locked(cache() / "bin" / f"{module.folder}.lock"):
        if not folder.is_dir():
            with step(f"building {module.title.format(version=_version(module))} from source"):
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


def _version(module: Module) -> str:
    text = (SOURCES / module.folder / "go.mod").read_text()
    found = re.search(rf"\b{re.escape(module.pin)} (v\S+)", text)
    return found[1] if found else ""


def _build(module: Module, folder: Path) -> None:
    if shutil.which("go") is None:
        raise ClusterError("Install Go: the native cluster is built from source.")
    unfinished = cache() / "bin" / f"{module.folder}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    flags = [
        # Nobody debugs these; compiling without the tables for it is quicker.
        "-gcflags=all=-dwarf=false",
        f"-ldflags=-s -w {module.linker.format(version=_version(module))}",
    ]
    run(
        ["go", "build", *flags, "-o", f"{unfinished}/", *module.packages],
        cwd=SOURCES / module.folder,
        env=ENVIRONMENT,
    )
    for built, names in module.names.items():
        _rename(unfinished / built, names)
    # Last, so that a build that was killed leaves no folder that looks complete.
    unfinished.rename(folder)


def _rename(built: Path, names: tuple[str, ...]) -> None:
    if built.exists():
        for name in names:
            os.link(built, built.with_name(name))
        built.unlink()
