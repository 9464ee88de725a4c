"""How the load generator speaks with the two servers: the floor with its token, the product like a browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import aiohttp

from bench import floor, worlds
from bench.load import answer

FORM = {"reason": "效能量測", "urgent": "y"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def _connector() -> aiohttp.TCPConnector:
    """An idle connection is dropped before the servers drop it (5 s)."""
    return aiohttp.TCPConnector(keepalive_timeout=2)


class FloorDoor:
    def __init__(self, base: str) -> None:
        self._base = base
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {floor.TOKEN}"}, connector=_connector())

    async def start(self, key: str = "") -> str:
        async with self._http.post(f"{self._base}/start") as response:
            await answer(response, 200)
            return str((await response.json())["task"])

    async def complete(self, item: str, amount: int = 500) -> None:
        async with self._http.post(f"{self._base}/complete/{item}", data={**FORM, "amount": str(amount)}) as response:
            await answer(response, 200)

    async def list_tasks(self) -> None:
        async with self._http.get(f"{self._base}/tasks") as response:
            await answer(response, 200)

    async def open_items(self, first: Sequence[str]) -> list[str]:
        async with self._http.post(f"{self._base}/open", data=[("item", item) for item in first]) as response:
            await answer(response, 200)
            return [str(item) for item in await response.json()]

    async def close(self) -> None:
        await self._http.close()


class ProductDoor:
    """Signs in by the login form, then posts the office's task form with session cookie, form token, version and key.

    The cookie is kept as the login gave it: a browser shows each answer's message and drops it, which is not measured.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = aiohttp.ClientSession(headers={"Referer": base}, cookie_jar=aiohttp.DummyCookieJar(),
                                           connector=_connector())
        self._cookie: dict[str, str] = {}
        self._token = ""

    async def log_in(self) -> ProductDoor:
        await self._visit("/")
        data = {"account": worlds.EMAIL, "password": worlds.PASSWORD, "csrf_token": self._token}
        async with self._http.post(f"{self._base}/login", data=data, headers=self._cookie, allow_redirects=False) as response:
            await answer(response, 303)
            self._keep(response)
        await self._visit("/staff/queue")
        return self

    async def _visit(self, path: str) -> None:
        async with self._http.get(f"{self._base}{path}", headers=self._cookie, allow_redirects=False) as response:
            found = TOKEN.search(await answer(response, 200))
            if found is None:
                raise RuntimeError(f"{path} has no form")
            self._token = found.group(1)
            self._keep(response)

    def _keep(self, response: aiohttp.ClientResponse) -> None:
        if cookies := response.cookies:
            self._cookie = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())}

    async def start(self, key: str = "bench_two_steps") -> str:
        async with self._http.post(f"{self._base}/bench/cases/{key}", data={"csrf_token": self._token},
                                   headers=self._cookie) as response:
            await answer(response, 200)
            return str((await response.json())["item"])

    async def complete(self, item: str, amount: int = 500) -> None:
        data = {**FORM, "amount": str(amount), "version": "1", "command_key": secrets.token_urlsafe(18), "do": "send",
                "csrf_token": self._token}
        async with self._http.post(f"{self._base}/staff/tasks/{item}", data=data, headers=self._cookie,
                                   allow_redirects=False) as response:
            await answer(response, 303)
            if response.headers["Location"].endswith(f"/tasks/{item}"):
                raise RuntimeError(f"task {item} was refused")

    async def list_tasks(self) -> None:
        """What a reviewer may take, first page of 25: the tab with the most rows."""
        async with self._http.get(f"{self._base}/staff/queue?tab=pool", headers=self._cookie) as response:
            await answer(response, 200)

    async def open_items(self, first: Sequence[str]) -> list[str]:
        data = [("csrf_token", self._token), *(("item", item) for item in first)]
        async with self._http.post(f"{self._base}/bench/open", data=data, headers=self._cookie) as response:
            await answer(response, 200)
            return list(await response.json())

    async def close(self) -> None:
        await self._http.close()
