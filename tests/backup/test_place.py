"""Where a backup is kept: it is there whole, or not at all."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from controller.backup.place import readable, written
from controller.errors import NotFound, Unavailable


def test_a_file(tmp_path: Path) -> None:
    """It takes the place of an older one only when it is whole, and only its owner may read it."""
    place = tmp_path / "b"
    place.write_bytes(b"old")
    with written(str(place)) as path:
        path.write_bytes(b"new")
        assert place.read_bytes() == b"old"
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"new", 0o600)
    with readable(str(place)) as path:
        assert path == place
    assert place.is_file()


def test_a_backup_that_fails(tmp_path: Path) -> None:
    """The older one stays, and nothing is left beside it."""
    place = tmp_path / "b"
    place.write_bytes(b"old")

    def fail() -> None:
        with written(str(place)) as path:
            path.write_bytes(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("b", b"old")]


def test_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is standard output and standard input, which is read into a file as it is read twice."""
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"whole")))
    with written("-") as path:
        path.write_bytes(b"whole")
        assert out.getvalue() == b""
    assert out.getvalue() == b"whole"
    with readable("-") as path:
        assert path.read_bytes() == b"whole"
    assert not path.exists()


def test_nothing_there(tmp_path: Path) -> None:
    """A file that is missing, and a folder that is missing, are told in a sentence."""
    with pytest.raises(NotFound, match="does not exist"), readable(str(tmp_path / "none")):
        pass
    with pytest.raises(Unavailable, match="No file can be written"), written(str(tmp_path / "none" / "b")):
        pass


@pytest.mark.parametrize(
    "place",
    [
        *("s3://bucket", "s3://bucket/", "s3:///b", "s3://two words/b", "s3://bucket?a=1/b", "s3://bucket#a/b"),
        *("s3://bucket/a/", "s3://bucket//b", "s3://bucket/a//b", "s3://bucket/../b", "s3://bucket/a\nb"),
    ],
)
def test_what_names_no_object(place: str) -> None:
    """It is told before a backup is made for it, as that may take long."""
    with pytest.raises(NotFound, match="write s3://BUCKET/PATH"), readable(place):
        pass
    with pytest.raises(NotFound, match="write s3://BUCKET/PATH"), written(place):
        pytest.fail("it was begun")


def test_an_object_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told that the store does not take or give the backup."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setattr("controller.backup.place.RETRIES", {"max_retries": 0})
    with pytest.raises(Unavailable, match="does not take"), written("s3://bucket/b") as path:
        path.write_bytes(b"x")
    with pytest.raises(Unavailable, match="does not give"), readable("s3://bucket/b"):
        pass
