"""Nothing, a running cluster, or the ruins of one -> a running cluster; and back to nothing."""

from __future__ import annotations

import datetime
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from tests.cluster.commands import ClusterError
from tests.cluster.native import addons, builds, configs, images, network, pki, record, ruins
from tests.cluster.native.addresses import LISTENING_PORTS
from tests.cluster.native.health import answers, is_port_taken
from tests.cluster.native.layout import Layout
from tests.cluster.native.packages import install_missing
from tests.cluster.native.parts import BY_NAME, PARTS, Part
from tests.cluster.native.processes import POLL_SECONDS, start, stop
from tests.cluster.progress import say, step

READY_SECONDS = 90.0
GRACE_SECONDS = 5.0


def up(layout: Layout) -> Layout:
    """Layout of the machine's running cluster: the one that runs already, or a fresh one of this checkout."""
    with record.locked():
        found = record.load()
        if found and found.living():
            running = Layout(found.checkout)
            _start_parts(running)
            return running
        if found:
            say("Cleaning up after a cluster whose processes were killed.")
            _clear(Layout(found.checkout))
        _start_fresh(layout)
        return layout


def down() -> bool:
    """End the machine's cluster and remove every trace outside `.slipway`; False when there was none."""
    with record.locked():
        found = record.load()
        if not found:
            return False
        with step("stopping the cluster"):
            _clear(Layout(found.checkout))
        return True


def start_part(name: str) -> None:
    """Start one part of the running cluster and wait until it works."""
    with record.locked():
        found = _recorded()
        _start_parts(Layout(found.checkout), only=(BY_NAME[name],))


def stop_part(name: str, *, grace_seconds: float = GRACE_SECONDS) -> None:
    """End one part; it stays down until `start_part` or `up`."""
    with record.locked():
        found = _recorded()
        if name in found.processes:
            stop([found.processes[name]], grace_seconds=grace_seconds)
        record.save(found.without(name))


def _recorded() -> record.Record:
    found = record.load()
    if not found:
        raise ClusterError("No native cluster is running on this machine; start one with `up`.")
    return found


def _start_fresh(layout: Layout) -> None:
    _check_ports()
    install_missing()
    _prepare_programs(layout)
    _wipe(layout)
    record.save(record.Record(layout.checkout, network.is_forwarding()))
    try:
        with step("starting the cluster"):
            _start(layout)
    except BaseException:
        # The logs stay to be read; a half-started cluster must not look like a running one.
        _clear(layout)
        raise


def _start(layout: Layout) -> None:
    network.create()
    pki.write_all(layout.certificates, datetime.datetime.now(datetime.UTC))
    shutil.copy(layout.certificates / "admin.kubeconfig", layout.kubeconfig)
    configs.write_all(layout)
    _start_parts(layout)
    addons.apply(layout)
    addons.wait_for_node(layout)


def _prepare_programs(layout: Layout) -> None:
    layout.bin.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        # The base image mostly waits for the network, the compilers for the processor.
        base = pool.submit(images.base_archive)
        for module in builds.NEEDED:
            for name, program in builds.programs(module).items():
                link = layout.bin / name
                link.unlink(missing_ok=True)
                link.symlink_to(program)
        base.result()


def _start_parts(layout: Layout, only: tuple[Part, ...] = PARTS) -> None:
    missing = [part for part in only if part.name not in _recorded().living()]
    for part in missing:
        for need in part.needs:
            _wait_until_ready(BY_NAME[need], layout)
        if part.name == "kubelet":
            images.import_all(layout)
        process = start(part.argv(layout), layout.logs / f"{part.name}.log", part.env)
        record.save(_recorded().with_process(part.name, process))
    for part in missing:
        _wait_until_ready(part, layout)


def _wait_until_ready(part: Part, layout: Layout) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers(part.ready_at):
        log = layout.logs / f"{part.name}.log"
        if part.name not in _recorded().living():
            raise ClusterError(f"{part.name} is not running; its last words are in {log}.")
        if time.monotonic() > deadline:
            raise ClusterError(f"{part.name} was not ready after {READY_SECONDS:.0f} s; see {log}.")
        time.sleep(POLL_SECONDS)


def _check_ports() -> None:
    for port, name in LISTENING_PORTS.items():
        if is_port_taken(port):
            raise ClusterError(f"Port {port}, which {name} needs, is taken by another program.")


def _clear(layout: Layout) -> None:
    found = _recorded()
    order = [part.name for part in reversed(PARTS) if part.name in found.processes]
    # The kubelet first, or it would restart the containers that we end.
    for names in (["kubelet"], order):
        stop([found.processes[name] for name in names if name in found.processes], grace_seconds=GRACE_SECONDS)
        ruins.end_containers()
    ruins.remove(layout)
    if not found.was_forwarding:
        network.stop_forwarding()
    record.forget()


def _wipe(layout: Layout) -> None:
    for folder in (layout.data, layout.config, layout.certificates, layout.logs):
        shutil.rmtree(folder, ignore_errors=True)
    layout.logs.mkdir(parents=True)
    layout.images.mkdir(exist_ok=True)
