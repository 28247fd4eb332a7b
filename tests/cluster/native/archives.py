"""Layer tar -> an image archive that both `docker load` and `ctr images import` read.

It is the format that `docker save` writes: a manifest that names a configuration and its layers.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from pathlib import Path

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def write(target: Path, image: str, layer: Path, config: dict[str, object]) -> None:
    """An image of one layer under the name `image`; `config` holds Env, Cmd, Entrypoint and the like."""
    digest = _sha256(layer)
    description = json.dumps(
        {
            "architecture": ARCHITECTURES[platform.machine()],
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created_by": "slipway tests.cluster"}],
        }
    ).encode()
    name = f"{hashlib.sha256(description).hexdigest()}.json"
    manifest = [{"Config": name, "RepoTags": [image], "Layers": [f"{digest}/layer.tar"]}]
    unfinished = target.with_suffix(".part")
    with tarfile.open(unfinished, "w") as archive:
        archive.add(layer, f"{digest}/layer.tar")
        _add(archive, name, description)
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    unfinished.rename(target)


def layer_of(program: Path, target: Path) -> None:
    """A layer that holds one program at its root."""
    with tarfile.open(target, "w") as layer:
        _add(layer, program.name, program.read_bytes(), mode=0o755)


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
