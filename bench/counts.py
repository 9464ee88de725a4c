"""Statements and commits of one completion, counted at the database driver while the web door does its work."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.extensions import db
from bench import floor, worlds
from bench.doors import FORM, TOKEN
from bench.figures import Figure
from bench.load import median
from bench.servers import Sites
from bench.sizes import Sizes
from bench.worlds import World

CASES = 5
_FRAMES = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK)\b", re.IGNORECASE)       # commits are counted by their own event


@dataclass(slots=True)
class Count:
    statements: int = 0
    commits: int = 0


@contextmanager
def counting(engine: sa.Engine) -> Iterator[Count]:
    """What goes through this engine meanwhile, savepoints included."""
    count = Count()

    def statement(_connection: object, _cursor: object, text: str, *_: object) -> None:
        count.statements += not _FRAMES.match(text)

    def commit(_connection: object) -> None:
        count.commits += 1

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield count
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)


def per_completion(sites: Sites, _sizes: Sizes) -> dict[str, Figure]:
    world = sites.get("small").world
    ours, floors = _product(world), _floor(world)
    return {"sql_per_completion": Figure("sql_per_completion", *(median([c.statements for c in k]) for k in (ours, floors))),
            "commits_per_completion": Figure("commits_per_completion", *(max(c.commits for c in k) for k in (ours, floors)))}


def _count(engine: sa.Engine, post: Callable[[], TestResponse], expected: int) -> Count:
    with counting(engine) as count:
        response = post()
    if response.status_code != expected:
        raise RuntimeError(f"{response.status_code} instead of {expected}: {response.text[:400]}")
    return count


def _product(world: World) -> list[Count]:
    with world.app.app_context():
        engine = db.engine
    officer = Officer(world.app)
    counts = []
    for _ in range(CASES):
        items = [officer.start()]
        while items:
            counts.append(_count(engine, partial(officer.complete, items[0]), 303))
            items = officer.open_items(items)
    return counts[2:]                          # the first case fills the caches of this process


class Officer:
    """The officer inside this process: the same requests without a network, the cookie kept as the login gave it."""

    def __init__(self, app: Flask) -> None:
        self._http: Client = app.test_client(use_cookies=False)
        self._cookie = self._token = ""
        self._visit("/")
        self._keep(self._post("/login", account=worlds.EMAIL, password=worlds.PASSWORD))
        self._visit("/staff/queue")

    def _visit(self, path: str) -> None:
        page = self._http.get(path, headers={"Cookie": self._cookie})
        found = TOKEN.search(page.text)
        assert found is not None
        self._token = found.group(1)
        self._keep(page)

    def _keep(self, page: TestResponse) -> None:
        if cookie := page.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]

    def _post(self, path: str, **data: object) -> TestResponse:
        return self._http.post(path, data={**data, "csrf_token": self._token}, headers={"Cookie": self._cookie})

    def start(self, key: str = "bench_two_steps") -> str:
        return str(self._post(f"/bench/cases/{key}").get_json()["item"])

    def complete(self, item: str) -> TestResponse:
        key = secrets.token_urlsafe(18)
        return self._post(f"/staff/tasks/{item}", **FORM, amount="500", version="1", command_key=key, do="send")

    def open_items(self, items: list[str]) -> list[str]:
        return list(self._post("/bench/open", item=items).get_json())


def _floor(world: World) -> list[Count]:
    engine = floor.open_engine(world.floor_url)
    client = floor.build(engine).test_client()
    counts, headers = [], {"Authorization": f"Bearer {floor.TOKEN}"}
    for _ in range(CASES):
        item = client.post("/start", headers=headers).get_json()["task"]
        while item:
            post = partial(client.post, f"/complete/{item}", headers=headers, data={**FORM, "amount": "500"})
            counts.append(_count(engine, post, 200))
            item = (client.post("/open", headers=headers, data={"item": item}).get_json() or [None])[0]
    return counts[2:]
