"""The whole system as one process group: ``make run``, or ``python -m app.jobs.up``. Ctrl-C ends it cleanly."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from typing import IO

from app.config import Config, ConfigError
from app.jobs import processes
from app.jobs.supervisor import HopelessChild, Supervisor

PATIENCE_S = 120
LOOPBACK = ("127.0.0.1", "::1", "localhost")
stopping = False


class CannotStart(Exception):
    """Said to the person who started it, in one sentence."""


def main() -> int:
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        config = _config(os.environ)
        lock = _lock(config)
        _check_port(config)
        with lock:
            return _serve(config, started)
    except (CannotStart, ConfigError) as reason:
        print(f"契流無法啟動：{reason}", file=sys.stderr)
        return 1


def _config(environ: Mapping[str, str]) -> Config:
    """The settings; demo data and the mailbox page by default only where nobody else comes: here, on our own file."""
    config = Config.from_env(environ)
    is_local = config.host in LOOPBACK and not environ.get("DATABASE_URL")
    return config.with_changes(dev=config.dev if environ.get("QILIU_DEV") else is_local,
                               demo=config.demo if environ.get("QILIU_DEMO") else is_local)


def _serve(config: Config, started: float) -> int:
    supervisor = Supervisor({})
    try:
        config, is_private = _with_queue(config, supervisor)
        supervisor.environ = config.environ()
        _prepare(config, alone=is_private and config.database_url.startswith("sqlite"))
        supervisor.start("web", processes.web(config, f"{config.host}:{config.port}"))
        supervisor.start("scheduler", processes.scheduler())
        _wait_until_ready(config, supervisor)
        supervisor.start("worker", processes.worker())        # last: people wait for the pages
        _announce(config, time.monotonic() - started)
        while not stopping:
            for name in supervisor.revive(patient=True):
                print(f"{name} 中斷，已重新啟動。", file=sys.stderr, flush=True)
            time.sleep(0.3)
    except HopelessChild as child:
        raise CannotStart(f"{child.name} 一啟動就結束（代碼 {child.code}），請看上面的訊息。") from None
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stop()
    print("契流已停止。", flush=True)
    return 0


def _stop(_number: int, _frame: object) -> None:
    global stopping
    if stopping:
        return
    stopping = True
    raise KeyboardInterrupt


def _lock(config: Config) -> IO[str]:
    """One system a data folder: two on one SQLite file and one queue would take each other's place."""
    handle = (config.data_dir / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(f"另一個契流正在使用 {config.data_dir}，請先停止它，或用 QILIU_DATA_DIR 指定別的資料夾。") from None
    return handle


def _check_port(config: Config) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise CannotStart(f"{config.host}:{config.port} 無法使用（{error.strerror}），請用 PORT=埠號 換一個。") from None


def _with_queue(config: Config, supervisor: Supervisor) -> tuple[Config, bool]:
    """The settings with a queue: the one given, else a private one, else none (jobs are taken from the database)."""
    if config.redis_url:
        return config, False
    command = processes.valkey(config)
    path = processes.valkey_socket(config)
    if command is not None:
        path.unlink(missing_ok=True)
        child = supervisor.start("valkey", command, own_group=True)
        for _ in range(200):
            if path.exists():
                return config.with_changes(redis_url=f"unix://{path}"), True
            if child.process.poll() is not None:
                break
            time.sleep(0.02)
        supervisor.stop()
    print("這台機器不能啟動內建的佇列，背景工作直接由資料庫取出。", file=sys.stderr)
    return config, True


def _prepare(config: Config, *, alone: bool) -> None:
    command = processes.prepare(*(["--recover"] if alone else []))
    result = subprocess.run(command, env={**os.environ, **config.environ()}, check=False)
    if result.returncode:
        raise CannotStart("資料庫或流程無法備妥，請看上面的訊息。")


def _wait_until_ready(config: Config, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + PATIENCE_S
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        supervisor.revive()
        try:
            opener.open(f"http://{host}:{config.port}/healthz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise CannotStart(f"網站在 {PATIENCE_S} 秒內沒有回應。")


def _announce(config: Config, seconds: float) -> None:
    print(f"\n契流已就緒（{seconds:.1f} 秒）：{config.base_url}/    按 Ctrl-C 停止\n")
    accounts = config.data_dir / "accounts.txt"
    if config.demo and accounts.exists():
        print(accounts.read_text("utf-8"), end="")
    if config.dev and not config.smtp_url:
        print(f"寄出的信：{config.base_url}/dev/mail")
    print(f"示範資料{_on(config.demo)}（QILIU_DEMO），信箱頁面{_on(config.dev)}（QILIU_DEV）。")
    print(f"資料夾：{config.data_dir}\n", flush=True)


def _on(is_on: bool) -> str:
    return "已開啟" if is_on else "未開啟"


if __name__ == "__main__":
    sys.exit(main())
