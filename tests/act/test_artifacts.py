"""Reads of the artifact store: a list, or one sentence why there is none; and never what a link leads to."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from controller.act.artifacts import MOST_BYTES, StoredArtifacts
from controller.act.perform import Library, Performer
from controller.model.action import ReadArtifact
from controller.model.artifacts import Reading
from tests.act.recording import RecordingKube
from tests.decide.objects import NOW, run

KEY = "team/etl/etl-1/a/1/files.json"


async def read(root: Path, key: str = KEY) -> Reading:
    """What a read brings."""
    return await StoredArtifacts(root.as_uri()).read(ReadArtifact(run().meta, 0, key))


def keep(root: Path, text: str | bytes) -> Path:
    """A file under the key."""
    file = root / KEY
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize(
    ("text", "items", "longest"),
    [("[]", (), 0), ('[1, {"a": "é"}]', (1, {"a": "é"}), 9), ("\ufeff[1]", (1,), 1)],
)
async def test_a_list(tmp_path: Path, text: str, items: tuple[Any, ...], longest: int) -> None:
    """It comes with the length of its longest element."""
    keep(tmp_path, text)
    assert await read(tmp_path) == Reading(items=items, chars=len(text.encode()), longest=longest)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1}', "is JSON, but no list"),
        ("[1", "is no JSON"),
        ("[NaN]", "is no JSON"),
        ("[1e999]", "is no JSON"),
        (b"\xff", "is no JSON"),
        ("[" * 99_999, "is no JSON"),
        ("[" * 102 + "]" * 102, "is nested more than 100 deep"),
        ("[" + " " * MOST_BYTES + "]", "is larger than 4 MiB, the most that the controller reads"),
    ],
)
async def test_what_is_no_list(tmp_path: Path, text: str | bytes, fault: str) -> None:
    """It is told in one sentence, and no other read would change it."""
    keep(tmp_path, text)
    assert await read(tmp_path) == Reading(fault=fault)


async def test_nothing_is_there(tmp_path: Path) -> None:
    """A file or folder that is missing is a fault; a volume that is not mounted is trouble that may pass."""
    assert await read(tmp_path) == Reading(fault="does not exist")
    keep(tmp_path, "[]")
    assert await read(tmp_path, f"{KEY}2") == Reading(fault="does not exist")
    assert (await read(tmp_path, f"{KEY}/x")).fault == "is reached by a link, or through a file, which is not followed"
    assert (await read(tmp_path, "team/etl")).fault == "is no file"
    assert (await read(tmp_path, "team/../team")).fault == "does not exist"
    nowhere = await read(tmp_path / "nowhere")
    assert (nowhere.fault, nowhere.items) == ("", None)
    assert "No such file" in nowhere.trouble


def _to_a_file(root: Path, secret: Path) -> None:
    (root / KEY).parent.mkdir(parents=True)
    (root / KEY).symlink_to(secret / "x" / "files.json")


def _to_a_folder(root: Path, secret: Path) -> None:
    (root / KEY).parent.parent.mkdir(parents=True)
    (root / KEY).parent.symlink_to(secret / "x")


def _pipe(root: Path, secret: Path) -> None:
    (root / KEY).parent.mkdir(parents=True)
    os.mkfifo(root / KEY)


@pytest.mark.parametrize("trap", [_to_a_file, _to_a_folder, _pipe])
async def test_a_trap(tmp_path: Path, trap: Callable[[Path, Path], None]) -> None:
    """A task that lays a link or a pipe gets nothing read that is not the namespace's own."""
    secret, root = tmp_path / "secret" / "x", tmp_path / "root"
    secret.mkdir(parents=True)
    (secret / "files.json").write_text('["secret"]', encoding="utf-8")
    trap(root, secret.parent)
    found = await read(root)
    assert found.items is None
    assert found.fault


async def test_a_controller_without_a_store() -> None:
    """The sentence names the setting."""
    found = await StoredArtifacts("").read(ReadArtifact(run().meta, 0, KEY))
    assert found == Reading(fault="can't be read by this Slipway's controller: see the setting artifactsReadUrl")


async def test_a_bucket_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is trouble, told in one line without the credentials."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-told")
    found = await StoredArtifacts("s3://lake/slipway", seconds=3).read(ReadArtifact(run().meta, 0, KEY))
    assert (found.items, found.fault) == (None, "")
    assert "artifact store" in found.trouble
    assert "\n" not in found.trouble
    assert "not-told" not in found.trouble


async def test_what_becomes_of_a_read(tmp_path: Path) -> None:
    """It is told with the time at which the read began; where nothing can be read, nothing is told."""
    found: list[tuple[ReadArtifact, Reading, datetime]] = []
    keep(tmp_path, json.dumps([1]))
    library = Library(StoredArtifacts(tmp_path.as_uri()), lambda *told: found.append(told))
    kube, action = RecordingKube(), ReadArtifact(run().meta, 0, KEY)
    await Performer(kube, lambda kind, raw: None, library=library).perform(action, NOW)
    await Performer(kube, lambda kind, raw: None).perform(action, NOW)
    assert found == [(action, Reading(items=(1,), chars=3, longest=1), NOW)]
    assert kube.sent == []
