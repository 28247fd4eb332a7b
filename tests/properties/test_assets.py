"""Updates of assets, whatever happens to the events on the way and to the controller."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from controller.model.action import Kind
from controller.simulate.kubelet import Work
from tests.properties import examples
from tests.properties.mishaps import Mishaps, expect_rest, mishaps, suffer
from tests.scenarios.story import Story, succeeds


async def _play(seconds: Sequence[int], limit: int, what: Mishaps) -> Story:
    works: dict[str, Work] = {f"m{number}": succeeds(each) for number, each in enumerate(seconds)}
    story = Story({**works, "tell": succeeds(7)})
    story.dag("tell", name="any", schedule={"assets": {"any": ["a", "b"]}}, concurrency={"maxActiveRuns": limit})
    story.dag("tell", name="all", schedule={"assets": {"all": ["a", "b"]}}, concurrency={"maxActiveRuns": limit})
    await story.run(1)
    tasks = {name: {"updates": ["ab"[number % 2]]} for number, name in enumerate(works)}
    story.dag("; ".join(works), name="make", tasks=tasks)
    story.trigger("r", dag="make")
    await suffer(story, what)
    return story


@examples(60)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.integers(1, 3), mishaps())
def test_any_mishap(seconds: list[int], limit: int, what: Mishaps) -> None:
    """Each update is answered for once by each Dag that waits for it, or stands in its queue; nobody keeps its id."""
    story = asyncio.run(_play(seconds, limit, what))
    expect_rest(story)
    updates = {f"r-m{number}" for number in range(len(seconds))}
    for dag in ("any", "all"):
        runs = [raw["spec"] for raw in story.cluster.all_of(Kind.DAG_RUN) if raw["spec"]["dagRef"]["name"] == dag]
        answered = [update["taskRun"] for spec in runs for update in spec["updates"]]
        queue = story.get(Kind.DAG, dag)["status"]["assets"]
        waits = [update["taskRun"] for marker in queue.get("queued", {}).values() for update in marker["updates"]]
        assert sorted(answered + waits) == sorted(updates)
        assert len(runs) == queue["runs"]
        assert not (dag == "any" and waits)
        assert "making" not in queue
    assert all(story.status(name[2:], "r")["noted"] == 1 for name in updates)
