"""Random processes, random walks, the state restored after every step: the trace is that of the token game.

``QILIU_FUZZ=N`` runs N processes instead of the usual 300. A failure prints its seed; ``QILIU_SEED=S`` runs that one.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree

from app.engine import manifest, parser, specs, state
from app.engine.project import project
from app.engine.settle import Run
from tests.properties.random_processes import Maker
from tests.properties.token_game import Game

PROCESSES = int(os.environ.get("QILIU_FUZZ", "300"))
SEEDS = [int(os.environ["QILIU_SEED"])] if "QILIU_SEED" in os.environ else list(range(PROCESSES))
CHUNKS = 8
STEPS = 40
START = datetime(2026, 5, 19, 1, 0, tzinfo=UTC)


class Engine:
    """Our engine without a database: each step loads the state, acts, settles and saves."""

    def __init__(self, maker: Maker) -> None:
        pair = maker.process()
        self.graph = pair.graph
        root = etree.fromstring(pair.bpmn.xml())
        stored = specs.dump_specs(*parser.parse_specs({"p.bpmn": root}, "p"))
        described = manifest.build({"p.bpmn": root}, "p", forms={}, decisions={}, files=[])
        self.package: Any = SimpleNamespace(specs=specs.load_specs(stored), manifest=described, decisions={})
        self.passed: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        run = self._run(START)
        run.begin({})
        self._keep(run)

    def _run(self, now: datetime) -> Run:
        return Run(self.package, now, lambda task, name, parameters: True)

    def load(self, now: datetime) -> Run:
        run = self._run(now)
        run.resume(self.stored, state.FORMAT)
        return run

    def send(self, now: datetime, index: int, values: dict[str, int]) -> None:
        run = self.load(now)
        task = self.open(run)[index][1]
        task.data.update(values)
        run.run(task, "task.completed")
        self._keep(run)

    def wait(self, now: datetime) -> None:
        self._keep(self.load(now))

    def _keep(self, run: Run) -> None:
        run.settle()
        for done in run.log:
            self.passed[done.node_id] += 1
            self.taken.update(done.data.get("flows", []))
        assert not run.faults, {str(task): fault.message for task, fault in run.faults.items()}
        self.stored = state.dump(run.workflow)

    @staticmethod
    def open(run: Run) -> list[tuple[str, Any]]:
        tasks = list(project(run.workflow).items.values())
        order = sorted(range(len(tasks)), key=lambda number: (tasks[number].task_spec.bpmn_id, number))
        return [(tasks[number].task_spec.bpmn_id, tasks[number]) for number in order]

    def look(self, now: datetime) -> dict[str, Any]:
        run = self.load(now)
        found = project(run.workflow)
        return {"open": [name for name, _ in self.open(run)], "over": not found.has_tokens,
                "timers": sorted((node, due) for node, _, due in found.timers.values()),
                "passed": +self.passed, "taken": +self.taken}


def oracle(game: Game) -> dict[str, Any]:
    return {"open": [token.node for token in game.open()], "over": game.is_over, "timers": game.timers(),
            "passed": +game.passed, "taken": +game.taken}


def walk(seed: int) -> int:
    maker = Maker(seed)
    engine = Engine(maker)
    game, now, choose = Game(engine.graph, START), START, random.Random(seed * 7 + 1)
    for step in range(STEPS):
        expected, found = oracle(game), engine.look(now)
        assert found == expected, f"seed {seed} step {step}"
        tokens = game.open()
        if not tokens:
            break
        if choose.random() < 0.2:
            now += timedelta(days=choose.choice((1, 5, 25)))
            game.wait_until(now)
            engine.wait(now)
            continue
        index = choose.randrange(len(tokens))
        variable, choices = maker.decides.get(tokens[index].node, ("", 1))
        values = {variable: choose.randrange(choices)} if variable else {}
        engine.send(now, index, values)
        game.send(tokens[index], values)
        game.wait_until(now)                    # a command also serves what became due
    return step


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_random_process_runs_like_the_token_game(chunk):
    for seed in SEEDS[chunk::CHUNKS]:
        walk(seed)
