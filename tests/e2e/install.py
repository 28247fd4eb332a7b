"""A checkout and a cluster -> Slipway installed in it from this checkout: wheel, image, chart.

python -m tests.e2e.install

The image's tag is a hash of what goes into it, so an unchanged checkout is neither built nor rolled out again.
SLIPWAY_IMAGE=repository:tag names an image that the cluster's nodes can pull; then none is built.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.cluster import Cluster, ClusterError, cluster_up
from tests.cluster.backends import choose
from tests.cluster.commands import run
from tests.cluster.model import ImageOrder
from tests.cluster.progress import say, step

ROOT: Final = Path(__file__).resolve().parent.parent.parent
NAMESPACE: Final = "slipway-system"
RELEASE: Final = "slipway"
REPOSITORY: Final = "local/slipway"
_INGREDIENTS: Final = ("controller", "ui", "hatch_build.py", "pyproject.toml", "uv.lock", "Dockerfile", ".dockerignore")
_GOING_SECONDS: Final = 30
_BUILT: Final = frozenset({"__pycache__", "node_modules", "static", "schema.d.ts"})
"""Folders and files that are made of the ingredients, by name."""


def main() -> int:
    """Install, and say where."""
    try:
        cluster = cluster_up()
        install(cluster)
    except ClusterError as error:
        say(str(error))
        return 1
    say(f"Slipway is installed in namespace {NAMESPACE}.")
    return 0


def install(cluster: Cluster, values: Sequence[str] = ()) -> None:
    """Slipway as this checkout has it, ready; `values` are further `--set` words."""
    image = provided_image(cluster)
    with step("installing the chart"):
        helm_install(cluster, image, values)


def provided_image(cluster: Cluster) -> str:
    """The image of this checkout, repository:tag, on the cluster's nodes."""
    return os.environ.get("SLIPWAY_IMAGE") or built_image(cluster, ROOT)


def built_image(cluster: Cluster, root: Path) -> str:
    """The image of a checkout, built unless the nodes have it."""
    image = f"{REPOSITORY}:{image_tag(root)}"
    if not _has_image(cluster, image):
        with step("building the wheel"):
            build_wheel(root)
        choose(context=None, name=None).build_image(ImageOrder(tag=image, context=root, base=None))
    return image


def image_tag(root: Path = ROOT) -> str:
    """A hash of everything that goes into the image."""
    digest = hashlib.sha256()
    for ingredient in _INGREDIENTS:
        path = root / ingredient
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and _BUILT.isdisjoint(file.relative_to(root).parts):
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def build_wheel(root: Path = ROOT) -> None:
    """The wheel and its locked requirements in dist/; it has the UI wherever npm is there to build it."""
    uv = shutil.which("uv") or str(ROOT / ".slipway/uv/bin/uv")
    shutil.rmtree(root / "dist", ignore_errors=True)
    env = {"SLIPWAY_UI": "required"} if shutil.which("npm") else {}
    run([uv, "build", "--quiet", "--wheel", "--out-dir", "dist"], cwd=root, env=env)
    what = ["--locked", "--no-dev", "--all-extras", "--no-emit-project"]
    export = ["export", "--quiet", *what, "--format", "requirements-txt"]
    run([uv, *export, "--output-file", "dist/requirements.txt"], cwd=root)


def helm_install(cluster: Cluster, image: str, values: Sequence[str], root: Path = ROOT) -> None:
    """Install or upgrade the release with the chart of a checkout, and wait until the controller is ready."""
    repository, _, tag = image.rpartition(":")
    settings = [f"image.repository={repository}", f"config.defaultTaskImage={cluster.base_image}", *values]
    place = ["--namespace", NAMESPACE, "--create-namespace"]
    words = ["upgrade", "--install", RELEASE, str(root / "charts/slipway"), *place]
    # A hash may be digits alone, which --set would take for a number.
    chosen = ["--set-string", f"image.tag={tag}", *(word for setting in settings for word in ("--set", setting))]
    wait = ["--take-ownership", "--wait", "--timeout", "3m"]
    run([cluster.helm, "--kubeconfig", cluster.kubeconfig, *words, *chosen, *wait])


def kubectl(cluster: Cluster, *words: str, stdin: str | None = None) -> str:
    """What kubectl prints; ClusterError with its message when it fails."""
    return run([cluster.kubectl, "--kubeconfig", cluster.kubeconfig, *words], stdin=stdin)


def uninstall(cluster: Cluster, release: str = RELEASE, namespace: str = NAMESPACE) -> None:
    """Remove a release, and wait until its objects are gone."""
    words = ["uninstall", release, "-n", namespace, "--ignore-not-found", "--wait", "--timeout", "90s"]
    run([cluster.helm, "--kubeconfig", cluster.kubeconfig, *words])


def left_behind(cluster: Cluster, release: str = RELEASE) -> list[str]:
    """The objects of every kind, anywhere, that carry the release's label after all had half a minute to go."""
    kinds = kubectl(cluster, "api-resources", "--verbs=list", "-o", "name").split()
    selector = f"app.kubernetes.io/instance={release}"
    words = ("get", ",".join(kinds), "-A", "-l", selector, "-o", "name", "--ignore-not-found")
    give_up_at = time.monotonic() + _GOING_SECONDS
    while (left := kubectl(cluster, *words).split()) and time.monotonic() < give_up_at:
        time.sleep(1)
    return left


def show(cluster: Cluster, *words: str) -> None:
    """Run kubectl for a person: the command line first, then what it prints."""
    print(f"\n$ kubectl {' '.join(words)}", flush=True)
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    subprocess.run([str(cluster.kubectl), *words], check=False, env=environment)


def _has_image(cluster: Cluster, image: str) -> bool:
    names = kubectl(cluster, "get", "nodes", "-o", "jsonpath={.items[*].status.images[*].names[*]}")
    return any(name.endswith(image) for name in names.split())


if __name__ == "__main__":
    sys.exit(main())
