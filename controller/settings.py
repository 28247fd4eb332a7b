"""Environment variables SLIPWAY_* -> the settings of one installation; `slipway controller` refuses unknown names.

The chart's `config:` block is exactly these fields.
"""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from controller.model.pod_policy import PodPolicy
from controller.model.policy import ArtifactStore
from controller.model.retention import Limits, limit_of

LOG_STORES: Final = r"^(metastore|off|s3://[a-z0-9][a-z0-9.-]+(/\S*)?|file:///\S+)$"


class Settings(BaseSettings):
    """What the operator of a Slipway can set."""

    model_config = SettingsConfigDict(env_prefix="SLIPWAY_", extra="forbid", frozen=True)

    default_task_image: str = "python:3.13-slim"
    """The image of a task that names none; needs `sh`, and `python3` for `python` tasks."""
    parallelism: Annotated[int, Field(ge=1)] = 32
    """Tasks of all Dags that hold a Pod at once; 1 = the sequential executor."""
    keep_slots_after_seconds: Annotated[int, Field(ge=0)] = 60
    """How long a task that needs several slots of a pool waits before those that come free are kept for it."""
    namespaces: tuple[str, ...] = ()
    """The namespaces to watch, as a JSON list; empty = the whole cluster."""
    database_url: str = "sqlite:///slipway.db"
    """The metastore: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."""
    lease_name: str = ""
    """The Lease that replicas compete for, as only one of them schedules; empty = there is no other replica."""
    lease_namespace: str = ""
    """The namespace of the Lease; empty = the Pod's own."""
    lease_seconds: Annotated[int, Field(ge=5, le=300)] = 15
    """After how many seconds of silence a standby takes over; the leader itself stops writing after two thirds."""
    writes_in_flight: Annotated[int, Field(ge=1, le=200)] = 20
    """Requests to the API server at once."""
    relist_seconds: Annotated[int, Field(ge=30)] = 600
    """How often the kinds that kopf feeds are listed and compared, as kopf may miss a deletion."""
    resync_seconds: Annotated[int, Field(ge=10)] = 300
    """How often everything in memory is looked at again, to forgive a lost mark."""
    sensor_allowed_hosts: tuple[str, ...] = ()
    """All that httpSensors may ask, as a JSON list: names, `*.name`, addresses and networks; empty = whatever is not
    forbidden."""
    sensor_forbidden_hosts: tuple[str, ...] = ()
    """What httpSensors may not ask besides, in the same form."""
    artifacts_claim: str = ""
    """The artifact store as a volume: a PersistentVolumeClaim in each namespace whose tasks ask for artifacts."""
    artifacts_url: Annotated[str, Field(pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/\S*)?)?$")] = ""
    """The artifact store as a bucket: s3://BUCKET or s3://BUCKET/PREFIX; claim and URL both empty = no store."""
    artifacts_secret: str = ""
    """The Secret with the bucket's credentials, in each such namespace; its keys become the tasks' variables."""
    artifacts_read_url: Annotated[str, Field(pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/\S*)?|file:///\S+)?$")] = ""
    """Where the controller itself finds the store, to map over lists in it: the claim as file:///PATH, where it is
    mounted into the controller's Pod; empty = artifactsUrl."""
    log_store: Annotated[str, Field(pattern=LOG_STORES)] = "metastore"
    """Where the logs of tasks are kept before their Pods go: metastore, s3://BUCKET/PREFIX, or file:///PATH, a volume;
    off = nowhere."""
    log_archive_kib: Annotated[int, Field(ge=1, le=16_384)] = 1024
    """KiB that are kept of one log, its beginning and its end; it is compressed then."""
    log_archive_seconds: Annotated[float, Field(gt=0, le=300)] = 10
    """How long a Pod that has ended is held back for its log; no task waits for it."""
    log_archive_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """How long a log is kept; then it is removed. 0 = for ever."""
    keep_runs_succeeded: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    """So many of a Dag's newest succeeded runs stay as resources, where the Dag says nothing; 0 = no limit."""
    keep_runs_failed: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    """Likewise its newest failed runs."""
    keep_runs_succeeded_days: Annotated[int, Field(ge=0, le=10_000)] = 7
    """How many days a succeeded run stays as a resource after its end; 0 = for ever."""
    keep_runs_failed_days: Annotated[int, Field(ge=0, le=10_000)] = 30
    """Likewise a failed run."""
    keep_rows_succeeded: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """So many of a Dag's newest succeeded runs stay in the metastore, where the Dag says nothing; 0 = no limit."""
    keep_rows_failed: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Likewise its newest failed runs."""
    keep_rows_succeeded_days: Annotated[int, Field(ge=0, le=10_000)] = 365
    """How many days a succeeded run stays in the metastore after its end; 0 = for ever."""
    keep_rows_failed_days: Annotated[int, Field(ge=0, le=10_000)] = 365
    """Likewise a failed run, and whatever else is gone."""
    keep_audit_days: Annotated[int, Field(ge=0, le=10_000)] = 365
    """How many days the audit log keeps what people asked for; 0 = for ever."""
    alerts_folder: str = ""
    """Where the targets of alerts are, such as a mounted Secret: a file's name is the target's, its lines apprise URLs;
    empty = no alert is sent."""
    alerts_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    """The UI's address, for links in alerts, such as https://slipway.example.com; empty = no links."""
    probe_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port of /healthz, /readyz and /metrics; 0 = none."""
    metrics_dags: Annotated[int, Field(ge=0, le=10_000)] = 200
    """Dags with series of their own in the metrics; those after them are counted together."""
    tracing: bool = False
    """Whether spans of runs are sent by OpenTelemetry's protocol; its own variables OTEL_* say where to."""
    webhook_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The port on which the API server asks about Dags and runs before it stores them; 0 = it does not ask."""
    webhook_secret: str = ""
    """The Secret in the own namespace that holds the webhook's certificate; the controller fills it."""
    webhook_service: str = ""
    """The Service in the own namespace by which the API server calls the webhook."""
    webhook_configuration: str = ""
    """The name of the MutatingWebhookConfiguration and of the ValidatingWebhookConfiguration."""
    webhook_certificate_seconds: Annotated[int, Field(ge=60)] = 7_776_000
    """How long a certificate of the webhook holds; it is renewed after two thirds of that. Default 90 days."""
    allow_own_namespace: bool = False
    """Whether Dags in the controller's own namespace are run."""
    pod_policy: PodPolicy = PodPolicy()
    """What tasks' Pods may be, as a JSON object: level, allow, serviceAccounts, volumes, priorityClasses and
    runtimeClasses."""
    log_format: Literal["json", "console"] = "json"
    """How logs are written: `json` lines, or `console` for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important log that is written."""
    crash_at: str = ""
    """For fault tests alone: `before:N` or `after:N` ends the process around its N-th write, N from 1."""

    @model_validator(mode="after")
    def _one_store(self) -> Self:
        if self.artifacts_claim and self.artifacts_url:
            raise ValueError("artifacts_claim and artifacts_url exclude each other: a store is a volume or a bucket")
        if self.artifacts_secret and not self.artifacts_url:
            raise ValueError("artifacts_secret goes with artifacts_url: a volume needs no credentials")
        if self.artifacts_read_url and not self.artifacts_claim and not self.artifacts_url:
            raise ValueError("artifacts_read_url goes with artifacts_claim or artifacts_url: there is no store to read")
        return self

    @model_validator(mode="after")
    def _whole_webhook(self) -> Self:
        if self.webhook_port and not (self.webhook_secret and self.webhook_service and self.webhook_configuration):
            raise ValueError("webhook_port needs webhook_secret, webhook_service and webhook_configuration")
        return self

    @property
    def resources_kept(self) -> Limits:
        """The limits of runs as resources, where a Dag says nothing."""
        return Limits(
            limit_of(self.keep_runs_succeeded, self.keep_runs_succeeded_days),
            limit_of(self.keep_runs_failed, self.keep_runs_failed_days),
        )

    @property
    def rows_kept(self) -> Limits:
        """The limits of runs in the metastore, where a Dag says nothing."""
        return Limits(
            limit_of(self.keep_rows_succeeded, self.keep_rows_succeeded_days),
            limit_of(self.keep_rows_failed, self.keep_rows_failed_days),
        )

    @property
    def artifacts_read_from(self) -> str:
        """The URL at which the controller reads artifacts; empty where it can't."""
        return self.artifacts_read_url or self.artifacts_url

    @property
    def artifact_store(self) -> ArtifactStore | None:
        """The artifact store; None = there is none."""
        if not self.artifacts_claim and not self.artifacts_url:
            return None
        return ArtifactStore(claim=self.artifacts_claim, url=self.artifacts_url, secret=self.artifacts_secret)


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database or one in memory."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) and url != prefix else None
