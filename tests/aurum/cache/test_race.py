"""No order of asking, loading, failing, leaving and purging serves what was loaded before."""

import asyncio
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aurum.cache.result import CacheResult
from tests.aurum.cache.conftest import Desk, Trouble, settle

TAGS = {"a": ("x",), "b": ("x", "y")}
EVERYWHERE = ("table:curve", "namespace:curves")
KEYS = st.sampled_from(sorted(TAGS))
ANY = st.integers(0, 9)


class Load(NamedTuple):
    key: str
    began: int
    answer: asyncio.Future[Any]


class Asked(NamedTuple):
    key: str
    purged: int
    task: asyncio.Task[CacheResult[Any]]


class Race(RuleBasedStateMachine):
    """Each step has a number; a value is the key and the step in which its load began."""

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.desk, self.step = asyncio.Runner(), Desk(), 0
        self.loads: list[Load] = []
        self.asked: list[Asked] = []
        self.purged: dict[str, int] = {}

    def last_purge(self, key: str) -> int:
        return max(self.purged.get(tag, 0) for tag in (*TAGS[key], *EVERYWHERE))

    def check(self, key: str, purged: int, found: CacheResult[Any]) -> None:
        of, began = found.value
        assert of == key
        assert began > purged, f"{found.status} from step {began}, purged in step {purged}"

    async def load(self, key: str) -> Any:
        load = Load(key, self.step, asyncio.get_running_loop().create_future())
        self.loads.append(load)
        try:
            return await load.answer
        finally:
            self.loads.remove(load)

    @rule(key=KEYS)
    def ask(self, key: str) -> None:
        async def go() -> None:
            asked = self.desk.ask(key, tags=TAGS[key], load=lambda: self.load(key))
            task = asyncio.get_running_loop().create_task(asked)
            self.asked.append(Asked(key, self.last_purge(key), task))
            await settle()

        self.step += 1
        self.runner.run(go())

    @rule(key=KEYS)
    def peek(self, key: str) -> None:
        found = self.desk.cache.peek("curves", key)
        if found is not None:
            assert found.ttl > 0
            self.check(key, self.last_purge(key), found)

    @precondition(lambda self: self.loads)
    @rule(which=ANY, how=st.sampled_from(["brings", "brings", "fails", "breaks"]))
    def end_load(self, which: int, how: str) -> None:
        load = self.loads[which % len(self.loads)]
        if how == "brings":
            load.answer.set_result((load.key, load.began))
        else:
            load.answer.set_exception(Trouble() if how == "fails" else ZeroDivisionError())
        self.runner.run(settle())

    @precondition(lambda self: self.asked)
    @rule(which=ANY)
    def leave(self, which: int) -> None:
        self.asked[which % len(self.asked)].task.cancel()
        self.runner.run(settle())

    @rule(tag=st.sampled_from(["x", "y", "table:curve"]))
    def purge(self, tag: str) -> None:
        self.step += 1
        self.desk.cache.purge(tag)
        self.purged[tag] = self.step

    @rule()
    def clear(self) -> None:
        self.step += 1
        self.desk.cache.clear("curves")
        self.purged["namespace:curves"] = self.step

    @rule(seconds=st.sampled_from([50, 101, 140]))
    def wait(self, seconds: int) -> None:
        self.desk.clock.now += seconds

    @invariant()
    def nobody_gets_what_was_loaded_before_the_last_purge(self) -> None:
        for asked in [asked for asked in self.asked if asked.task.done()]:
            self.asked.remove(asked)
            if not asked.task.cancelled() and asked.task.exception() is None:
                self.check(asked.key, asked.purged, asked.task.result())

    @invariant()
    def one_load_a_question_runs(self) -> None:
        useful = [load.key for load in self.loads if load.began > self.last_purge(load.key)]
        assert len(useful) == len(set(useful))

    def teardown(self) -> None:
        async def end() -> set[asyncio.Task[Any]]:
            await self.desk.cache.close()
            await settle()
            return asyncio.all_tasks() - {asyncio.current_task()}

        assert not self.runner.run(end())
        assert not self.loads
        self.runner.close()


TestRace = Race.TestCase
TestRace.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
