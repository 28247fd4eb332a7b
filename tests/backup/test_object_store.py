"""Backups in a real server that speaks S3: there whole or not at all, restored as they were, or told in a sentence."""

import asyncio
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import pytest
from obstore.store import S3Store

from controller.backup import place
from controller.backup.file import verified
from controller.cli import backup as command
from controller.errors import Unavailable
from controller.metastore.logs import LogArchive
from controller.metastore.queries import list_runs, open_session, run_tasks
from controller.model.action import Kind
from controller.model.archive import PodLog
from controller.model.metadata import Key
from tests.backup.cluster import Session
from tests.backup.line import Line, served
from tests.backup.test_commands import answering, differ, elsewhere, record, told
from tests.backup.test_recreate import shown
from tests.backup.test_rows import all_rows
from tests.cli.calling import Answer, slipway
from tests.s3_server import PASSWORD
from tests.scenarios.story import Story

MIB = 2**20
KEY = "slipway/b.gz"
PLACE = f"s3://lake/{KEY}"
REFUSALS = {"AWS_SECRET_ACCESS_KEY": "SignatureDoesNotMatch", "AWS_ACCESS_KEY_ID": "XAdminUserNotFound"}
"""What the server says of a variable that is wrong; the second with a 404, as of an object that is missing."""


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The file of a database that there is not yet."""
    return tmp_path / "empty.db"


@pytest.fixture
def line(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """What is between the commands and the server."""
    made = Line(urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0)
    with served(made) as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is not tried again."""
    monkeypatch.setattr(place, "RETRIES", {"max_retries": 0})


def fill(url: str, mebibytes: int) -> None:
    """Put as much into the database of logs which nothing makes smaller."""

    async def keep(archive: LogArchive) -> None:
        for number in range(mebibytes):
            pod = Key("team", f"p{number}")
            log = PodLog(pod, f"uid-{number}", "d", "r", "a", number, datetime.now(UTC), os.urandom(MIB))
            await archive.keep(log)

    with closing(LogArchive(url)) as archive:
        asyncio.run(keep(archive))


@pytest.fixture(scope="module")
def large_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database to copy from, whose backup is of two parts."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    shutil.copy(migrated_file, path)
    fill(f"sqlite:///{path}", 10)
    return path


@pytest.fixture
def large(large_file: Path, tmp_path: Path) -> str:
    """The URL of a database whose backup is of two parts."""
    return f"sqlite:///{shutil.copy(large_file, tmp_path / 'large.db')}"


def back_up(url: str, to: str = PLACE) -> Answer:
    """`slipway backup` of the rows."""
    return slipway("backup", to, "--url", url, "--rows-only")


def restore(empty: Path, *words: str) -> Answer:
    """`slipway restore` of the rows into a database that there is not yet."""
    return slipway("restore", "--url", f"sqlite:///{empty}", "--rows-only", *(words or (PLACE,)))


def objects() -> dict[str, str]:
    """What the server lists: keys and ETags."""
    found = obstore.list(S3Store("lake", client_options={"allow_http": True})).collect()
    return {each["path"]: (each["e_tag"] or "").strip('"') for each in found}


def refused(answer: Answer) -> str:
    """The one sentence of a command that failed."""
    sentence = re.fullmatch(r"slipway: (.+)\n", answer.err)
    assert sentence is not None, answer.err
    assert (answer.code, answer.out, "<" in answer.err, PASSWORD in answer.err) == (1, "", False, False)
    return sentence[1]


def test_rows_and_resources(bucket: Path, sqlite_url: str, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object is made, which holds all; a cluster and a database elsewhere are then as these were."""
    story, there = told(Story()), f"sqlite:///{empty}"
    record(sqlite_url, story.cluster)
    monkeypatch.setattr(command, "with_cluster", answering(story.cluster))
    saved = slipway("backup", PLACE, "--url", sqlite_url)
    assert (saved.code, saved.out, list(objects())) == (0, "", [KEY])
    counts = verified(bucket / KEY).counts
    assert (counts["Dag"], counts["DagRun"], counts["TaskRun"], counts["dag_runs"]) == (1, 2, 4, 2)
    other = elsewhere()
    monkeypatch.setattr(command, "with_cluster", answering(other))
    checked = slipway("restore", PLACE, "--url", there, "--dry-run")
    assert (checked.code, empty.exists(), other.all_of(Kind.DAG)) == (0, False, ())
    restored = slipway("restore", PLACE, "--url", there)
    assert (restored.code, restored.out) == (0, ""), restored.err
    assert shown(other) == shown(story.cluster)
    with open_session(there) as session:
        runs = list_runs(session, "team", "d").runs
        assert {(each.name, each.state) for each in runs} == {("r1", "Success"), ("r2", "Success")}
        assert [each.state for each in run_tasks(session, runs[0].uid)] == ["Success", "Success"]
    record(there, other)
    assert differ(there, other) == []


def test_more_than_one_part(bucket: Path, large: str, empty: Path) -> None:
    """A backup of more than 8 MiB goes up in parts, which its ETag counts; each row comes back as it was."""
    assert back_up(large).code == 0
    assert (bucket / KEY).stat().st_size > 8 * MIB
    assert objects()[KEY].endswith("-2")
    assert restore(empty).code == 0
    restored = all_rows(f"sqlite:///{empty}")
    assert restored == all_rows(large)
    assert len(restored["attempt_logs"]) == 10


@pytest.mark.parametrize("kept", ["object", "file"])
def test_an_older_one(bucket: Path, sqlite_url: str, empty: Path, tmp_path: Path, kept: str) -> None:
    """It is replaced by the new one, in a bucket as in a folder."""
    older = bucket / "b" if kept == "object" else tmp_path / "b"
    where = "s3://lake/b" if kept == "object" else str(older)
    assert back_up(sqlite_url, where).code == 0
    first = older.read_bytes()
    record(sqlite_url, told(Story()).cluster)
    assert back_up(sqlite_url, where).code == 0
    assert older.read_bytes() != first
    assert restore(empty, where).code == 0
    assert len(all_rows(f"sqlite:///{empty}")["dag_runs"]) == 2


def test_a_backup_that_fails(bucket: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is sent: an older object stays as it is."""

    def fail(context: str | None, work: Callable[[Session], Awaitable[Any]]) -> Any:
        raise Unavailable("the API server is gone")

    assert back_up(sqlite_url).code == 0
    before = objects()
    monkeypatch.setattr(command, "with_cluster", fail)
    assert refused(slipway("backup", PLACE, "--url", sqlite_url)) == "the API server is gone"
    assert objects() == before


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("mebibytes", "breaks_after"),
    [(2, MIB), (10, 2 * MIB), (10, 9 * MIB)],
    ids=["the only part", "the first part", "the second part"],
)
def test_an_upload_that_breaks_off(line: Line, sqlite_url: str, empty: Path, mebibytes: int, breaks_after: int) -> None:
    """No object comes of it, so there is nothing that a restore could take."""
    fill(sqlite_url, mebibytes)
    line.breaks_after = breaks_after
    assert refused(back_up(sqlite_url)).startswith(f"The object store does not take {PLACE}: ")
    line.breaks_after = None
    assert objects() == {}
    assert refused(restore(empty)) == f"{PLACE} does not exist"


@pytest.mark.usefixtures("impatient")
def test_an_older_one_and_an_upload_that_breaks_off(line: Line, bucket: Path, sqlite_url: str, large: str) -> None:
    """The older one stays as it is; the same command again puts the new one there."""
    assert back_up(sqlite_url).code == 0
    before = (bucket / KEY).read_bytes()
    line.breaks_after = line.carried + 9 * MIB
    assert back_up(large).code == 1
    assert (bucket / KEY).read_bytes() == before
    line.breaks_after = None
    assert back_up(large).code == 0
    assert verified(bucket / KEY).counts["attempt_logs"] == 10


@pytest.mark.usefixtures("impatient")
def test_a_download_that_breaks_off(line: Line, large: str, empty: Path) -> None:
    """It is told, and the database is not even begun."""
    assert back_up(large).code == 0
    line.breaks_after = line.carried + 9 * MIB
    assert refused(restore(empty)).startswith(f"The object store does not give {PLACE}: ")
    assert not empty.exists()


def test_a_connection_that_breaks_once(line: Line, bucket: Path, large: str, empty: Path) -> None:
    """Both ways go on after it, and nothing is lost or twice."""
    line.breaks_after, line.breaks_once = 3 * MIB, True
    assert back_up(large).code == 0
    assert line.breaks_after is None
    assert verified(bucket / KEY).counts["attempt_logs"] == 10
    line.breaks_after = line.carried + 3 * MIB
    assert restore(empty).code == 0
    assert line.breaks_after is None


@pytest.mark.usefixtures("impatient")
def test_a_slow_store(line: Line, large: str, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download takes what time it needs, as long as something comes."""
    assert back_up(large).code == 0
    monkeypatch.setitem(place.CLIENT, "read_timeout", "1s")
    line.bytes_per_second = 8 * MIB
    assert restore(empty, PLACE, "--dry-run").code == 0


def test_an_object_that_lost_its_end(bucket: Path, sqlite_url: str, empty: Path) -> None:
    """It is not taken for a whole backup."""
    assert back_up(sqlite_url).code == 0
    whole = (bucket / KEY).read_bytes()
    (bucket / KEY).write_bytes(whole[: len(whole) // 2])
    assert "damaged" in refused(restore(empty))
    assert not empty.exists()


@pytest.mark.parametrize("variable", REFUSALS)
def test_wrong_credentials(
    bucket: Path, sqlite_url: str, empty: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The store's own sentence is told, both ways; what is there is not called missing, and nothing is changed."""
    assert back_up(sqlite_url).code == 0
    before = objects()
    with monkeypatch.context() as wrong:
        wrong.setenv(variable, "another")
        taking, giving = refused(back_up(sqlite_url)), refused(restore(empty))
    reason = re.fullmatch(rf"The object store does not take {PLACE}: (\w[^:]+ \({REFUSALS[variable]}\))", taking)
    assert reason is not None, taking
    assert giving == f"The object store does not give {PLACE}: {reason[1]}"
    assert (objects(), empty.exists()) == (before, False)


def test_a_bucket_that_is_missing(bucket: Path, sqlite_url: str, empty: Path) -> None:
    """It is the bucket that is told to be missing; nobody makes it."""
    reason = "The specified bucket does not exist (NoSuchBucket)"
    lost = "s3://sea/b.gz"
    assert refused(back_up(sqlite_url, lost)) == f"The object store does not take {lost}: {reason}"
    assert refused(restore(empty, lost)) == f"The object store does not give {lost}: {reason}"
    assert ([each.name for each in bucket.parent.iterdir()], empty.exists()) == (["lake"], False)


def test_an_object_that_is_missing(bucket: Path, empty: Path) -> None:
    """It is told in the words that are used of a file."""
    assert refused(restore(empty)) == f"{PLACE} does not exist"
    assert not empty.exists()
