"""Folders -> nothing mounted below them any more."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.commands import ClusterError, succeeds


def unmount_below(*folders: Path) -> None:
    """Unmount everything at or below the folders; raises if something stays, for deleting would reach into it."""
    for mount in reversed(_mounts_below(folders)):
        succeeds(["umount", "--lazy", mount])
    if still := _mounts_below(folders):
        raise ClusterError(f"Cannot unmount {still[0]}; unmount it and try again.")


def _mounts_below(folders: tuple[Path, ...]) -> list[str]:
    # The fifth field is the mount point; the kernel writes a blank in it as \040.
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    return sorted(point for point in points if any(Path(point).is_relative_to(folder) for folder in folders))
