"""`slipway doctor` as people run it: over HTTP, with a kubeconfig, as text and as JSON."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from controller.errors import Refused, SlipwayError
from controller.metastore.migrate import migrate
from controller.model.action import Kind
from controller.model.names import API_VERSION
from controller.model.resources import RESOURCES
from tests.cli.doctor.patient import CRDS, DEPLOYMENTS, Patient, deployment
from tests.scenarios.story import Story

_PODS = "/api/v1/pods"
_KINDS = {f"/apis/{API_VERSION}/{resource.plural}": Kind(resource.kind) for resource in RESOURCES} | {_PODS: Kind.POD}


@contextlib.asynccontextmanager
async def served(patient: Patient) -> AsyncIterator[int]:
    """The patient over HTTP; the port."""

    async def answer(request: web.Request) -> web.Response:
        path = request.path
        try:
            if path.endswith("/metrics"):
                return web.Response(body=b"".join([piece async for piece in patient.stream(path, {})]))
            if request.method == "POST":
                return web.json_response(await patient.ask(path, await request.json()))
            if path in _KINDS:
                return web.json_response({"items": await patient.list_all(_KINDS[path]), "metadata": {}})
            query = f"?labelSelector={request.query['labelSelector']}" if "labelSelector" in request.query else ""
            return web.json_response(await patient.read(path + query))
        except SlipwayError as error:
            code = error.code if isinstance(error, Refused) else 404
            return web.json_response({"message": str(error)}, status=code)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def doctor(patient: Patient, folder: Path, *words: str, **env: str) -> tuple[int, str]:
    """The exit code and what the command prints."""
    import os
    import sys

    async with served(patient) as port:
        clusters = [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}]
        contexts = [{"name": "c", "context": {"cluster": "c", "user": "u"}}]
        config = {
            "clusters": clusters,
            "contexts": contexts,
            "users": [{"name": "u", "user": {}}],
            "current-context": "c",
        }
        (folder / "config").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **config}))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "controller", "doctor", *words),
            env={**os.environ, "KUBECONFIG": str(folder / "config"), **env},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    """A cluster in which all is well, but that this machine's clock is far from the story's."""
    patient = Patient(Story(), tmp_path)
    patient.paths[DEPLOYMENTS] = {"items": [deployment(SLIPWAY_LEASE_NAME="")]}
    return patient


async def test_a_cluster_in_which_all_is_well(patient: Patient, tmp_path: Path) -> None:
    """Exit code 0, also with warnings; one line for each finding, and below it the fix of one that needs any."""
    patient.paths["/version"] |= {"gitVersion": "v1.34.2"}
    patient.forbidden = {"patch dags"}
    del patient.paths["/api/v1/namespaces/slipway-system/pods/slipway-1:8080/proxy/counts"]["now"]
    for each in ("mutating", "validating"):
        kinds = f"/apis/admissionregistration.k8s.io/v1/{each}webhookconfigurations"
        patient.paths[f"{kinds}?labelSelector=app.kubernetes.io/name=slipway"] = {"items": []}
    code, text = await doctor(patient, tmp_path)
    lines = text.splitlines()
    assert code == 0, text
    assert lines[0].split() == ["ok", "cluster", "Kubernetes", "v1.34.2", "answers"]
    place = next(number for number, line in enumerate(lines) if line.startswith("warn") and "rights" in line)
    assert "patch dags" in lines[place]
    assert lines[place + 1].strip().startswith("fix: ")


async def test_something_that_does_not_work(patient: Patient, tmp_path: Path) -> None:
    """Exit code 1; as JSON, standard output has nothing else."""
    patient.paths[f"{CRDS}pools.slipway.dev"]["spec"]["scope"] = "Cluster"
    code, text = await doctor(patient, tmp_path, "-o", "json")
    told: dict[str, Any] = json.loads(text)
    assert (code, told["ok"]) == (1, False)
    assert [each for each in told["findings"] if each["check"] == "crds"] == [
        {
            "level": "fail",
            "check": "crds",
            "message": "Definitions differ from those of version 0.1.0: pools.slipway.dev (scope)",
            "fix": "upgrade the release and this command to one version; `helm upgrade` brings the definitions along",
        }
    ]


async def test_the_database(patient: Patient, tmp_path: Path) -> None:
    """Without a schema, and with one into which no controller has ever written."""
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    found: list[list[dict[str, str]]] = []
    for _ in range(2):
        _, text = await doctor(patient, tmp_path, "-o", "json", SLIPWAY_DATABASE_URL=url)
        every = json.loads(text)["findings"]
        found.append([each for each in every if each["check"] in ("database", "heartbeat")])
        await asyncio.to_thread(migrate, url)
    assert [(each["check"], each["level"]) for each in found[0]] == [("database", "fail")]
    assert [(each["check"], each["level"]) for each in found[1]] == [("database", "ok"), ("heartbeat", "fail")]


async def test_a_cluster_that_does_not_answer(tmp_path: Path) -> None:
    """Exit code 5, and how to go on."""
    import os
    import sys

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "controller", "doctor", "-o", "json"),
        env={**os.environ, "KUBECONFIG": str(tmp_path / "none")},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 5
    assert json.loads(out)["findings"][0]["check"] == "cluster"
