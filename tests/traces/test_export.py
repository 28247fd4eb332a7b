"""Spans over real HTTP to a real receiver: what arrives, and what becomes of those that are not taken."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from controller.errors import Usage
from controller.model.action import Kind
from controller.settings import Settings
from controller.traces.export import OtlpExporter, is_switched_off
from controller.traces.queue import MOST_TRIES, MOST_WAITING
from controller.traces.sender import TraceSender, sent_traces
from controller.traces.spans import Span, spans_of
from tests.scenarios.story import Story, fails, succeeds
from tests.traces.receiver import Receiver, receiving, values_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine's own says where spans go."""
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER"):
        monkeypatch.delenv(name, raising=False)


class Kept:
    """An exporter that keeps what it is given, and takes it as it is told to."""

    def __init__(self, *answers: bool) -> None:
        self.spans: list[Span] = []
        self.answers = list(answers)

    def export(self, spans: Sequence[Span]) -> bool:
        """Take them, unless told otherwise."""
        taken = self.answers.pop(0) if self.answers else True
        if taken:
            self.spans.extend(spans)
        return taken

    def close(self) -> None:
        """Nothing is under way."""


async def sent(story: Story, exporter: Kept, sender: TraceSender) -> list[str]:
    """The names of the spans that were taken."""
    while await sender.send_next():
        pass
    return [span.name for span in exporter.spans]


def sender_of(story: Story, exporter: Kept) -> TraceSender:
    """A sender that listens to the story's controller, which leads."""
    return TraceSender(story.world.controller.store, exporter, lambda: True, story.world.clock)


async def test_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """One trace: the run's span, below it one for each attempt, with the times that were recorded."""
    story = Story({"a": [fails(7, seconds=2), succeeds(3)]})
    story.dag("a", defaults={"retries": 1, "retryDelay": "10s"})
    with receiving() as (receiver, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret")
        sender = TraceSender(story.world.controller.store, OtlpExporter(), lambda: True, story.world.clock)
        story.trigger()
        await story.run()
        assert sender.waiting == 1
        assert await sender.send_next()
        run, first, second = receiver.spans
    assert (sender.sent, sender.waiting, sender.lost) == (1, 0, 0)
    assert [span.name for span in (run, first, second)] == ["run d", "task a", "task a"]
    assert {span.trace_id for span in (run, first, second)} == {run.trace_id}
    assert (run.parent_span_id, first.parent_span_id, second.parent_span_id) == (b"", run.span_id, run.span_id)
    assert len({run.span_id, first.span_id, second.span_id}) == 3
    assert [round((s.end_time_unix_nano - s.start_time_unix_nano) / 1e9) for s in (first, second)] == [2, 3]
    assert (run.status.code, first.status.code, second.status.code) == (1, 2, 1)
    assert first.status.message == "The task ended with exit code 7"
    values = values_of(first)
    assert (values["slipway.try"], values["slipway.task.fault"], values["process.exit.code"]) == (1, "Application", 7)
    assert (values["k8s.pod.name"], values_of(run)["slipway.run.state"]) == ("r-a-1", "Success")
    assert receiver.resource["service.name"] == "slipway"
    assert receiver.headers[0]["authorization"] == "secret"


async def test_what_tasks_send_themselves() -> None:
    """The Pod's TRACEPARENT names the span that is made of its attempt later."""
    story = Story({"a": succeeds()})
    object.__setattr__(story.world.policy, "tracing", True)
    exporter = Kept()
    sender = sender_of(story, exporter)
    story.dag("a")
    story.trigger()
    await story.run(0.5)
    [container] = story.get(Kind.POD, "r-a-1")["spec"]["containers"]
    told = next(each["value"] for each in container["env"] if each["name"] == "TRACEPARENT")
    await story.run()
    await sent(story, exporter, sender)
    [_, span] = exporter.spans
    assert told == f"00-{span.trace}-{span.id}-01"


async def test_a_policy_without_tracing() -> None:
    """Then no Pod has the variable."""
    story = Story({"a": succeeds()})
    story.dag("a")
    story.trigger()
    await story.run()
    [container] = story.get(Kind.POD, "r-a-1")["spec"]["containers"]
    assert "TRACEPARENT" not in {each["name"] for each in container["env"]}


async def test_a_receiver_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The spans wait and are sent when it is back, in the same words."""
    story = Story({"a": succeeds()})
    with receiving() as (receiver, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        sender = TraceSender(story.world.controller.store, OtlpExporter(), lambda: True, story.world.clock)
        story.dag("a")
        story.trigger()
        await story.run()
        receiver.refusals = [400]
        assert not await sender.send_next()
        assert (sender.waiting, sender.sent, receiver.spans) == (1, 0, [])
        assert await sender.send_next()
        assert (sender.waiting, sender.sent, len(receiver.spans)) == (0, 1, 2)


async def test_spans_that_are_never_taken() -> None:
    """They are given up after so many tries, and do not hold back those of other runs."""
    story = Story({"a": succeeds()})
    exporter = Kept(*[False] * (MOST_TRIES - 1))
    sender = sender_of(story, exporter)
    story.dag("a")
    story.trigger()
    await story.run()
    for _ in range(MOST_TRIES - 1):
        assert not await sender.send_next()
    assert (sender.waiting, sender.lost) == (1, 0)
    exporter.answers = [False]
    assert not await sender.send_next()
    assert (sender.waiting, sender.lost) == (0, 1)


class Broken(Kept):
    """An exporter with a bug."""

    def export(self, spans: Sequence[Span]) -> bool:
        """The first time it fails in a way that nobody foresaw."""
        if not self.spans:
            self.spans.extend(spans)
            raise ValueError("a bug")
        return super().export(spans)


async def test_an_exporter_with_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs a try and not the scheduler, and the sender goes on by itself after a pause."""
    monkeypatch.setattr("controller.traces.sender._FIRST_WAIT_SECONDS", 0.05)
    story = Story({"a": succeeds()})
    exporter = Broken()
    sender = sender_of(story, exporter)
    work = asyncio.create_task(sender.run())
    story.dag("a")
    story.trigger()
    await story.run()
    async with asyncio.timeout(10):
        while not sender.sent:  # noqa: ASYNC110 a task of its own sends
            await asyncio.sleep(0.02)
    work.cancel()
    assert [span.name for span in exporter.spans] == ["run d", "task a"] * 2


async def test_a_run_that_has_not_ended() -> None:
    """It has no spans yet."""
    story = Story({"a": succeeds(100)})
    story.dag("a")
    story.trigger()
    await story.run(10)
    [run] = story.world.controller.store.tables.runs.values()
    assert spans_of(run, ()) == []


async def test_too_many_that_wait() -> None:
    """There is room for a thousand runs; then the oldest are given up, and that is counted."""
    story = Story()
    sender = sender_of(story, Kept())
    story.dag("a", tasks={"a": {"noop": {}}}, concurrency={"maxActiveRuns": 10_000})
    for number in range(MOST_WAITING + 3):
        story.trigger(f"r{number}")
    await story.run()
    assert (sender.waiting, sender.lost) == (MOST_WAITING, 3)


@pytest.mark.parametrize(("minutes", "names"), [(9, ["run d", "task a"]), (11, [])])
async def test_a_restart(minutes: int, names: list[str]) -> None:
    """The next leader sends what ended in the last ten minutes, with the same ids; what is older was sent long ago."""
    story = Story({"a": succeeds()})
    exporter = Kept()
    sender = sender_of(story, exporter)
    story.dag("a")
    story.trigger()
    await story.run()
    first = [*await sent(story, exporter, sender)] and [span.id for span in exporter.spans]
    story.world.clock.move_to(story.world.clock.now + timedelta(minutes=minutes))
    story.world.restart()
    again = Kept()
    following = sender_of(story, again)
    work = asyncio.create_task(following.run())
    await asyncio.sleep(0.1)
    work.cancel()
    assert [span.name for span in again.spans] == names
    assert [span.id for span in again.spans] == first[: len(names)]


async def test_a_standby() -> None:
    """It sends nothing."""
    story = Story({"a": succeeds()})
    exporter = Kept()
    sender = TraceSender(story.world.controller.store, exporter, lambda: False, story.world.clock)
    story.dag("a")
    story.trigger()
    await story.run()
    work = asyncio.create_task(sender.run())
    await asyncio.sleep(0.1)
    work.cancel()
    assert (exporter.spans, sender.waiting) == ([], 0)


@pytest.mark.parametrize(("ratio", "count"), [("0", 0), ("1", 3)])
def test_a_sampler(ratio: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry's own variable says how many traces are sent, each as a whole."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    spans = [Span("ab" * 16, f"{number + 1:016x}", None, "run d", NOW, NOW, None, {}) for number in range(3)]
    with receiving() as (receiver, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        assert OtlpExporter().export(spans)
        assert len(receiver.spans) == count


def test_a_run_with_many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its spans come in several requests, none of which is too large."""
    spans = [Span("ab" * 16, f"{number + 1:016x}", None, "task a", NOW, NOW, None, {}) for number in range(1300)]
    with receiving() as (receiver, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        assert OtlpExporter().export(spans)
    assert [len(each.resource_spans[0].scope_spans[0].spans) for each in receiver.requests] == [512, 512, 276]


async def test_tracing_without_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence at the start says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    story = Story()
    with pytest.raises(Usage, match=r"install slipway\[otel\]"):
        async with sent_traces(Settings(tracing=True), story.world.controller.store, lambda: True, story.world.clock):
            pass


async def test_tracing_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """By our setting, or by OpenTelemetry's own switch, nothing of it is loaded."""
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    store, clock = Story().world.controller.store, Story().world.clock
    async with sent_traces(Settings(), store, lambda: True, clock) as sender:
        assert sender is None
    monkeypatch.setenv("OTEL_SDK_DISABLED", "True")
    assert is_switched_off()
    async with sent_traces(Settings(tracing=True), store, lambda: True, clock) as sender:
        assert sender is None


async def test_the_sender_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends while it works arrives without anybody's help."""
    story = Story({"a": succeeds()})
    story.dag("a")
    with receiving() as (receiver, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=ours,deployment.environment=test")
        store, clock = story.world.controller.store, story.world.clock
        async with sent_traces(Settings(tracing=True), store, lambda: True, clock) as sender:
            story.trigger()
            await story.run()
            await _until(receiver, 2)
            assert sender is not None
    assert (receiver.resource["service.name"], receiver.resource["deployment.environment"]) == ("ours", "test")


async def _until(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(10):
        while len(receiver.spans) < count:  # noqa: ASYNC110 a thread of its own fills it
            await asyncio.sleep(0.02)
