"""Command line -> the cluster started, looked at, changed or ended. Exit 1: the message says what to do."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cluster import backends, cluster_up
from tests.cluster.commands import ClusterError
from tests.cluster.model import Backend, ImageOrder
from tests.cluster.native import floor, kwok, lifecycle
from tests.cluster.native.backend import demand_root
from tests.cluster.native.layout import Layout, checkout
from tests.cluster.native.packages import use_system_paths
from tests.cluster.native.parts import BY_NAME
from tests.cluster.native.record import load
from tests.cluster.progress import say

EPILOG = """\
which cluster (`up` chooses, the other commands follow until `down`):
  --context NAME or SLIPWAY_CONTEXT     a cluster that you have already
  --backend NAME or SLIPWAY_BACKEND     kind or native
  neither                               kind if Docker answers and pulls images, else native:
                                        Kubernetes built from source, run as processes of this
                                        machine (Linux, root; 8 minutes the first time, then seconds)

files, all in this checkout's .slipway folder:
  kubeconfig, bin/kubectl, bin/helm, logs/PART.log, logs/audit.log (native and kind)

examples:
  python3 -m tests.cluster up
  export KUBECONFIG=$(python3 -m tests.cluster kubeconfig)
  python3 -m tests.cluster image --tag local/slipway:dev
  python3 -m tests.cluster restart kube-apiserver
"""


def main() -> int:
    """Run one command."""
    options = _parser().parse_args()
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ClusterError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130


def up(options: argparse.Namespace) -> int:
    """Start the cluster, or find it running; prints what the shell needs."""
    cluster = cluster_up(context=options.context, backend=options.backend)
    say(f"The cluster is up ({cluster.backend}). To use it: export KUBECONFIG={cluster.kubeconfig}")
    return 0


def down(options: argparse.Namespace) -> int:
    """End the cluster; the caches stay."""
    was_running = _backend(options).down()
    backends.forget()
    say("The cluster is down." if was_running else "No cluster was running.")
    return 0


def status(options: argparse.Namespace) -> int:
    """Print one line per part; exit 1 unless all are ready."""
    backend = _backend(options)
    parts = backend.status()
    for name, state in parts.items():
        print(f"{name:<26}{state}")
    return 0 if all(state == "ready" for state in parts.values()) else 1


def image(options: argparse.Namespace) -> int:
    """Build a Dockerfile and put the image into the cluster."""
    order = ImageOrder(options.tag, options.folder, options.base, keep_daemon=options.keep_daemon)
    _backend(options).build_image(order)
    return 0


def kubeconfig(options: argparse.Namespace) -> int:
    """Print the path of the administrator's kubeconfig."""
    file = Layout(checkout()).kubeconfig
    if not file.exists():
        raise ClusterError("No cluster was started from this checkout; start one with `up`.")
    print(file)
    return 0


def kwok_nodes(options: argparse.Namespace) -> int:
    """Have so many fake nodes (native only); 0 removes them."""
    kwok.scale_nodes(_native(), options.count)
    return 0


def start_part(options: argparse.Namespace) -> int:
    """Start one part of the native cluster, and wait until it is ready."""
    _native()
    lifecycle.start_part(BY_NAME[options.part])
    return 0


def stop_part(options: argparse.Namespace) -> int:
    """End one part of the native cluster; it stays down."""
    _native()
    lifecycle.stop_part(options.part, grace_seconds=0 if options.kill else lifecycle.GRACE_SECONDS)
    return 0


def restart(options: argparse.Namespace) -> int:
    """End one part of the native cluster and start it again."""
    return stop_part(options) or start_part(options)


def measure(options: argparse.Namespace) -> int:
    """Print what a Pod costs on the native cluster, as JSON."""
    print(json.dumps(floor.measure(_native().kubeconfig, chain=options.chain, burst=options.burst)))
    return 0


def _backend(options: argparse.Namespace) -> Backend:
    named = vars(options)
    return backends.choose(context=named.get("context"), name=named.get("backend"))


def _native() -> Layout:
    """The running native cluster, which may be another checkout's."""
    found = load()
    if not found:
        raise ClusterError("This works on the native cluster only, and none is running.")
    demand_root()
    use_system_paths()
    return Layout(found.checkout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.cluster",
        description="A real Kubernetes cluster on this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Callable[[argparse.Namespace], int], name: str = "") -> argparse.ArgumentParser:
        words = command.__doc__ or ""
        added = commands.add_parser(name or command.__name__, help=words, description=words)
        added.set_defaults(command=command)
        return added

    for choosing in (up, down, status):
        _choice_options(add(choosing))
    add(kubeconfig)
    _image_options(add(image))
    add(kwok_nodes, "kwok-nodes").add_argument("count", type=int, metavar="N")
    for part_command, name in ((start_part, "start-part"), (stop_part, "stop-part"), (restart, "restart")):
        _part_options(add(part_command, name))
    floors = add(measure, "floor")
    floors.add_argument("--chain", type=int, default=10, help="Pods one after another (10)")
    floors.add_argument("--burst", type=int, default=50, help="Pods at once (50)")
    return parser


def _choice_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", metavar="NAME", help="the cluster of this context of your kubeconfig")
    parser.add_argument("--backend", choices=sorted(backends.BACKENDS), help="do not choose, use this one")


def _image_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tag", required=True, help="for example local/slipway:dev")
    # Not a kubeconfig's context: the word is Docker's, and so is the meaning.
    folder = parser.add_argument("--context", type=Path, default=checkout(), metavar="DIR", dest="folder")
    folder.help = "where the Dockerfile lies (this checkout)"
    parser.add_argument("--base", metavar="IMAGE", help="the Dockerfile's BASE_IMAGE (the cluster's base image)")
    parser.add_argument("--keep-daemon", action="store_true", help="leave Docker running for the next build")


def _part_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", choices=sorted(BY_NAME), metavar="PART", help=", ".join(sorted(BY_NAME)))
    parser.add_argument("--kill", action="store_true", help="end it by force, as a crash would")


if __name__ == "__main__":
    sys.exit(main())
