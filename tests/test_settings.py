"""The settings of an installation that exclude or need each other."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from controller.model.policy import ArtifactStore
from controller.model.retention import Limit, Limits
from controller.settings import Settings


@pytest.mark.parametrize(
    ("given", "store"),
    [
        ({}, None),
        ({"artifacts_claim": "shared"}, ArtifactStore(claim="shared")),
        ({"artifacts_url": "s3://lake"}, ArtifactStore(url="s3://lake")),
        (
            {"artifacts_url": "s3://lake/a/b", "artifacts_secret": "keys"},
            ArtifactStore(url="s3://lake/a/b", secret="keys"),  # noqa: S106 a name
        ),
    ],
)
def test_an_artifact_store(given: dict[str, str], store: ArtifactStore | None) -> None:
    """A claim or a bucket, or none."""
    assert Settings.model_validate(given).artifact_store == store


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"artifacts_claim": "shared", "artifacts_url": "s3://lake"}, "a store is a volume or a bucket"),
        ({"artifacts_secret": "keys"}, "artifacts_secret goes with artifacts_url"),
        ({"artifacts_claim": "shared", "artifacts_secret": "keys"}, "artifacts_secret goes with artifacts_url"),
        ({"artifacts_url": "https://lake"}, "artifacts_url"),
        ({"artifacts_url": "s3://"}, "artifacts_url"),
        ({"artifacts_read_url": "file:///store"}, "there is no store to read"),
        ({"artifacts_claim": "shared", "artifacts_read_url": "https://lake"}, "artifacts_read_url"),
    ],
)
def test_an_artifact_store_that_can_not_be(given: dict[str, str], told: str) -> None:
    """The controller does not start, and says what is wrong."""
    with pytest.raises(ValidationError, match=told):
        Settings.model_validate(given)


@pytest.mark.parametrize("store", ["metastore", "off", "s3://logs", "s3://logs/a/b", "file:///logs"])
def test_a_log_store(store: str) -> None:
    """The metastore, a bucket, a folder, or none."""
    assert Settings.model_validate({"log_store": store}).log_store == store


@pytest.mark.parametrize(
    "given",
    [
        {"log_store": "gs://logs"},
        {"log_store": "file://logs"},
        {"log_store": "Metastore"},
        {"log_store": ""},
        {"log_archive_kib": 0},
        {"log_archive_kib": 16_385},
        {"log_archive_seconds": 0},
        {"log_archive_days": -1},
    ],
)
def test_a_log_store_that_can_not_be(given: dict[str, object]) -> None:
    """The controller does not start, and names the setting."""
    with pytest.raises(ValidationError, match=next(iter(given))):
        Settings.model_validate(given)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, ""),
        ({"artifacts_claim": "shared"}, ""),
        ({"artifacts_claim": "shared", "artifacts_read_url": "file:///store"}, "file:///store"),
        ({"artifacts_url": "s3://lake/a"}, "s3://lake/a"),
        ({"artifacts_url": "s3://lake/a", "artifacts_read_url": "s3://mirror/a"}, "s3://mirror/a"),
    ],
)
def test_where_the_controller_reads_artifacts(given: dict[str, str], url: str) -> None:
    """A bucket at its own URL unless there is another; a claim only where it is mounted."""
    assert Settings.model_validate(given).artifacts_read_from == url


def test_what_is_kept_by_default() -> None:
    """Resources for days, rows for a year; both have limits that can be lifted."""
    settings = Settings()
    week, year = timedelta(days=7), timedelta(days=365)
    assert settings.resources_kept == Limits(Limit(100, week), Limit(100, timedelta(days=30)))
    assert settings.rows_kept == Limits(Limit(None, year), Limit(None, year))
    lifted = Settings(keep_runs_succeeded=0, keep_runs_succeeded_days=0)
    assert lifted.resources_kept.succeeded == Limit(None, None)
