"""Nothing, a running cluster, or the ruins of one -> a running cluster; and back to nothing.

no record                    -> fresh start of this checkout
record, a process lives      -> that cluster, whichever checkout started it; parts that died start again
record, all processes dead   -> ruins removed, then a fresh start
record of a start cut short, or of a checkout that is gone -> the same
"""

from __future__ import annotations

import datetime
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.cluster.commands import ClusterError
from tests.cluster.locks import locked
from tests.cluster.native import addons, builds, configs, images, network, pki, record, ruins
from tests.cluster.native.addresses import LISTENING_PORTS
from tests.cluster.native.health import answers, is_port_taken
from tests.cluster.native.layout import LOCK, Layout
from tests.cluster.native.packages import install_missing
from tests.cluster.native.parts import BY_NAME, PARTS, Part
from tests.cluster.native.processes import POLL_SECONDS, start, stop
from tests.cluster.progress import say, step

READY_SECONDS = 90.0
GRACE_SECONDS = 5.0


def up(own: Layout) -> Layout:
    """Layout of the machine's running cluster; started, mended or cleaned up first, as the table above says."""
    with locked(LOCK):
        found = record.load()
        if found and _is_worth_mending(found):
            theirs = Layout(found.checkout)
            network.create()
            _publish(theirs)
            _start_parts(theirs, PARTS)
            return theirs
        if found:
            say("Cleaning up after a cluster that was killed.")
            _clear(found)
        _start_fresh(own)
        return own


def down() -> bool:
    """End the machine's cluster and remove every trace outside `.slipway`; False when there was none."""
    with locked(LOCK):
        found = record.load()
        if found:
            with step("stopping the cluster"):
                _clear(found)
        return found is not None


def running() -> record.Record:
    """The record of the machine's cluster; an error when there is none."""
    found = record.load()
    if not found:
        raise ClusterError("No native cluster is running on this machine; start one with `up`.")
    return found


def start_part(part: Part) -> None:
    """Start one part of the running cluster and wait until it works; one that runs already is left alone."""
    with locked(LOCK):
        _start_parts(Layout(running().checkout), (part,))


def stop_part(name: str, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """End one part; it stays down until `start_part` or `up`."""
    with locked(LOCK):
        found = running()
        if name in found.processes:
            stop([found.processes[name]], grace_seconds=grace_seconds)
        record.save(found.without(name))


def _is_worth_mending(found: record.Record) -> bool:
    return found.is_started and bool(found.living()) and Layout(found.checkout).certificates.is_dir()


def _start_fresh(layout: Layout) -> None:
    _check_ports()
    _prepare_programs(layout)
    _wipe(layout)
    record.save(record.Record(layout.checkout, network.is_forwarding()))
    try:
        with step("starting the cluster"):
            _start(layout)
    except BaseException:
        # The logs stay to be read; a half-started cluster must not look like a running one.
        _clear(running())
        raise


def _check_ports() -> None:
    for port, name in LISTENING_PORTS.items():
        if is_port_taken(port):
            raise ClusterError(f"Port {port}, which {name} needs, is taken by another program.")


def _prepare_programs(layout: Layout) -> None:
    # Packages and the base image wait for the network while the compilers keep the processor busy; and
    # two builds at a time, because each ends in a linker that uses a single core.
    with ThreadPoolExecutor(max_workers=3) as pool:
        others = pool.submit(_prepare_images)
        list(pool.map(builds.programs, builds.NEEDED))
        others.result()
    for module in builds.NEEDED:
        builds.link_programs(layout, module)


def _prepare_images() -> None:
    install_missing()
    images.base_archive()


def _wipe(layout: Layout) -> None:
    # There is no record, but there may be ruins: somebody may have emptied /run.
    ruins.end_containers()
    ruins.remove(layout)
    for folder in (layout.data, layout.config, layout.certificates, layout.logs):
        shutil.rmtree(folder, ignore_errors=True)
    layout.logs.mkdir(parents=True)
    layout.images.mkdir(exist_ok=True)
    # It may be a link to the cluster of another checkout, which must not be written through.
    layout.kubeconfig.unlink(missing_ok=True)


def _start(layout: Layout) -> None:
    network.create()
    pki.write_all(layout.certificates, datetime.datetime.now(datetime.UTC))
    _publish(layout)
    configs.write_all(layout)
    _start_parts(layout, (BY_NAME["etcd"], BY_NAME["containerd"]))
    with ThreadPoolExecutor() as pool:
        importing = pool.submit(images.import_all, layout)
        _start_parts(layout, (BY_NAME["kube-apiserver"],))
        # DNS and the volumes cannot work before they may read the cluster.
        addons.apply(layout)
        _start_parts(layout, PARTS)
        importing.result()
    addons.wait_for_node(layout)
    record.save(replace(running(), is_started=True))


def _publish(layout: Layout) -> None:
    """Put the administrator's kubeconfig where users and tests look for it."""
    if not layout.kubeconfig.exists():
        shutil.copy(layout.certificates / "admin.kubeconfig", layout.kubeconfig)


def _start_parts(layout: Layout, wanted: tuple[Part, ...]) -> None:
    living = running().living()
    missing = [part for part in wanted if part.name not in living]
    for part in missing:
        for need in part.needs:
            _wait_until_ready(BY_NAME[need], layout)
        process = start(part.argv(layout), layout.logs / f"{part.name}.log", _environment(part))
        record.save(running().with_process(part.name, process))
    for part in wanted:
        _wait_until_ready(part, layout)


def _environment(part: Part) -> dict[str, str]:
    """The user's environment, without proxies: only containerd talks to the world outside."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if part.name in ("containerd", "dockerd") or not name.lower().endswith("_proxy")
    }
    return {**kept, **part.env}


def _wait_until_ready(part: Part, layout: Layout) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(part.ready_at):
        log = layout.logs / f"{part.name}.log"
        if part.name not in running().living():
            raise ClusterError(f"{part.name} is not running; its last words are in {log}.")
        if time.monotonic() > deadline:
            raise ClusterError(f"{part.name} was not ready after {READY_SECONDS:.0f} s; see {log}.")
        time.sleep(POLL_SECONDS)


def _clear(found: record.Record) -> None:
    names = list(found.processes)[::-1]
    # The kubelet first, or it would restart the containers that we end.
    for group in (["kubelet"], names):
        stop([found.processes[name] for name in group if name in found.processes], grace_seconds=GRACE_SECONDS)
        ruins.end_containers()
    ruins.remove(Layout(found.checkout))
    Layout(found.checkout).kubeconfig.unlink(missing_ok=True)
    if not found.was_forwarding:
        network.stop_forwarding()
    record.forget()
