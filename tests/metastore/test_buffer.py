"""The buffer: the newest of each object, kept until it is committed."""

import threading

from controller.metastore.buffer import BATCH_ENTRIES, Batch, Buffer
from tests.metastore.objects import START, run


def _taken(buffer: Buffer) -> Batch:
    batch = buffer.take()
    assert batch is not None
    return batch


def test_the_newest_version_is_kept() -> None:
    """However many events come, an object is one entry, at its highest version."""
    buffer = Buffer()
    for version in (3, 5, 4, 5):
        buffer.put(run(version))
    buffer.close()
    assert [entry.version for entry in _taken(buffer).entries] == [5]


def test_a_deletion_is_kept_unless_the_object_changes_after_it() -> None:
    """A late event does not undo it; a newer version does."""
    buffer = Buffer()
    buffer.put(run(5))
    buffer.put(run(5), START)
    buffer.put(run(4))
    buffer.close()
    assert [entry.deleted_at for entry in _taken(buffer).entries] == [START]
    buffer.put(run(6))
    assert [entry.deleted_at for entry in _taken(buffer).entries] == [None]


def test_what_changes_during_a_commit_stays() -> None:
    """An entry that was replaced after it was taken is not removed with the batch."""
    buffer = Buffer()
    buffer.close()
    buffer.put(run(1, name="etl-1"))
    buffer.put(run(2, name="etl-2"))
    batch = _taken(buffer)
    buffer.put(run(3, name="etl-1"))
    buffer.committed(batch)
    assert [entry.version for entry in _taken(buffer).entries] == [3]


def test_a_batch_is_bounded() -> None:
    """A backlog is taken in pieces, the longest waiting first."""
    buffer = Buffer()
    for number in range(BATCH_ENTRIES + 1):
        buffer.put(run(number + 1, name=f"etl-{number}"))
    buffer.close()
    first = _taken(buffer)
    assert len(first.entries) == BATCH_ENTRIES
    buffer.committed(first)
    assert [entry.version for entry in _taken(buffer).entries] == [BATCH_ENTRIES + 1]


def test_a_closed_and_empty_buffer_ends() -> None:
    """The writer's thread stops when nothing is left."""
    buffer = Buffer()
    buffer.close()
    assert buffer.take() is None


def test_many_threads_may_put() -> None:
    """No event is lost between threads."""
    buffer = Buffer()

    def put(first: int) -> None:
        for number in range(first, 1000, 4):
            buffer.put(run(number + 1, name=f"etl-{number}"))

    threads = [threading.Thread(target=put, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(buffer) == 1000
