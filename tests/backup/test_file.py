"""The file of a backup: what is read is what was written, or nothing is."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.backup.file import FORMAT, BackupWriter, Damaged, Header, Section, items, verified

HEADER = Header("0.1.0", "0009", "2026-01-01T06:00:00Z")
DAGS = Section("resources", "Dag")
RUNS = Section("rows", "dag_runs", ("uid", "name"))


def written(path: Path) -> Path:
    """A backup of one Dag and two rows."""
    with BackupWriter(path, HEADER) as writer:
        writer.begin(DAGS)
        writer.put({"metadata": {"name": "etl"}})
        writer.begin(RUNS)
        writer.put(["u1", "r1"])
        writer.put(["u2", "\u2028 \x00 \ud800 and more"])
    return path


def test_what_was_written(tmp_path: Path) -> None:
    """Header and counts are told; objects and rows come with their sections, whatever characters they hold."""
    path = written(tmp_path / "b")
    contents = verified(path)
    assert (contents.header, dict(contents.counts)) == (HEADER, {"Dag": 1, "dag_runs": 2})
    assert list(items(path, "resources")) == [(DAGS, {"metadata": {"name": "etl"}})]
    assert list(items(path, "rows")) == [(RUNS, ["u1", "r1"]), (RUNS, ["u2", "\u2028 \x00 \ud800 and more"])]


@given(share=st.floats(0, 0.999))
def test_a_file_that_was_cut_off(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    """Wherever it ends, it is no whole backup."""
    path = written(tmp_path_factory.mktemp("cut") / "b")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Damaged):
        verified(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"r1"', b'"rX"'), (b'{"metadata":{"name":"etl"}}\n', b""), (b'"counts":{"Dag":1', b'"counts":{"Dag":2')],
)
def test_a_file_that_was_changed(tmp_path: Path, old: bytes, new: bytes) -> None:
    """A changed value, a line that is missing or a wrong count is seen by the checksum."""
    path = written(tmp_path / "b")
    text = gzip.decompress(path.read_bytes())
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new)))
    with pytest.raises(Damaged, match="checksum"):
        verified(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"plain text", "no backup"),
        (gzip.compress(b"plain text\n"), "not JSON"),
        (gzip.compress(b'{"kind": "Dag"}\n'), "no backup of Slipway"),
        (gzip.compress(b'{"slipway":"backup","format":9}\n'), f"format 9, this version .* reads format {FORMAT}"),
        (b"", "cut off"),
    ],
    ids=["text", "compressed text", "another document", "another format", "nothing"],
)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes, said: str) -> None:
    """It is said what is wrong, in one sentence."""
    path = tmp_path / "b"
    path.write_bytes(content)
    with pytest.raises(Damaged, match=said):
        verified(path)


def test_a_file_that_goes_on(tmp_path: Path) -> None:
    """What somebody has put behind the end is not taken for a part of it."""
    path = written(tmp_path / "b")
    path.write_bytes(path.read_bytes() + gzip.compress(b"[]\n"))
    with pytest.raises(Damaged, match="follows its end"):
        verified(path)


def test_a_backup_that_fails_half_way(tmp_path: Path) -> None:
    """Its file has no end, so nobody takes it for whole."""

    def write() -> None:
        with BackupWriter(tmp_path / "b", HEADER) as writer:
            writer.begin(DAGS)
            raise KeyError

    with pytest.raises(KeyError):
        write()
    with pytest.raises(Damaged):
        verified(tmp_path / "b")
