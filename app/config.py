"""Settings: read from the environment once, checked, then passed on.

Three more variables are read where they are used: ``QILIU_FAULT`` (``app.faults``), ``FLASK_RUN_FROM_CLI`` (set by
Flask, ``app.factory``), and the search paths that a child process keeps (``app.engine.sandbox``).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "QILIU_"
NOT_SETTINGS = {"QILIU_FAULT", "QILIU_REQUIRE", "QILIU_SHARED", "QILIU_SECRET_KEY_FILE"}   # read elsewhere
PLAIN_NAMES = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL", "smtp_url": "SMTP_URL", "port": "PORT"}


class ConfigError(Exception):
    """A setting is missing or makes no sense. The message is for the person who starts the program."""


@dataclass(frozen=True, slots=True)
class Config:
    """One value a setting. The variable is QILIU_<NAME>, or the plain name in PLAIN_NAMES.

    secret_key        signs sessions and links; made once into the data folder when not given
    database_url      SQLAlchemy address; default a SQLite file in the data folder
    redis_url         redis:// rediss:// or unix://; empty: jobs are taken straight from the database
    data_dir          database file, secret key, stored files, mailbox, sockets
    base_url          where people reach the site; https makes cookies Secure
    smtp_url          smtp://user:password@host:port or smtps://; empty: mails become files in the data folder
    calendar_file     working days of the office, JSON like the default ``rules/calendar/tw-gov.json``
    registry_url      business registry asked by HTTP; empty: the table filled by ``flask registry import``
    dev               adds the mailbox page
    demo              loads demo data once; ``make run`` has both on for itself on 127.0.0.1 with its own SQLite file
    session_minutes   a session without activity ends after this many minutes
    proxies           number of reverse proxies in front whose X-Forwarded-* is believed
    max_upload_mb     largest request body, MB
    web_workers, web_threads   size of the web server
    job_seconds       a background job is stopped after this many seconds
    """

    secret_key: str = field(repr=False)
    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str = field(default="", repr=False)
    base_url: str = "http://127.0.0.1:8000"
    smtp_url: str = field(default="", repr=False)
    registry_url: str = ""
    calendar_file: Path = ROOT / "rules" / "calendar" / "tw-gov.json"
    mail_from: str = "契流 <no-reply@qiliu.invalid>"
    host: str = "127.0.0.1"
    port: int = 8000
    dev: bool = False
    demo: bool = False
    session_minutes: int = 120
    proxies: int = 0
    max_upload_mb: int = 12
    web_workers: int = 2
    web_threads: int = 8
    job_seconds: int = 60
    fast_passwords: bool = False

    def __post_init__(self) -> None:
        if len(self.secret_key) < 32:
            raise ConfigError("QILIU_SECRET_KEY 至少要 32 個字元。")
        if not self.base_url.startswith(("http://", "https://")):
            raise ConfigError("QILIU_BASE_URL 要以 http:// 或 https:// 開頭。")
        if self.redis_url and not self.redis_url.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigError("REDIS_URL 要以 redis://、rediss:// 或 unix:// 開頭。")
        if self.registry_url and not self.registry_url.startswith(("http://", "https://")):
            raise ConfigError("QILIU_REGISTRY_URL 要以 http:// 或 https:// 開頭。")

        if not self.calendar_file.is_file():
            raise ConfigError(f"找不到 QILIU_CALENDAR_FILE 指定的工作日曆 {self.calendar_file}。")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check. Creates the data folder and, when none is given, the secret key in it."""
        environ = os.environ if environ is None else environ
        given = _given(environ)
        data_dir = Path(str(given.pop("data_dir", ROOT / "var"))).resolve()
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        port = int(str(given.get("port", 8000)))
        given.setdefault("base_url", f"http://127.0.0.1:{port}")
        given.setdefault("database_url", f"sqlite:///{data_dir / 'qiliu.db'}")
        secret_key = str(given.pop("secret_key", "")) or _secret_from(environ.get("QILIU_SECRET_KEY_FILE"), data_dir)
        return cls(secret_key=secret_key, data_dir=data_dir, **given)  # type: ignore[arg-type]

    def environ(self) -> dict[str, str]:
        """The same settings as variables, for child processes."""
        named = {PLAIN_NAMES.get(f.name, PREFIX + f.name.upper()): getattr(self, f.name) for f in fields(self)}
        return {name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in named.items()}

    def with_changes(self, **changes: object) -> Config:
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def sqlalchemy_url(self) -> str:
        """The address with the driver that is installed (hosting platforms write ``postgres://``)."""
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else self.database_url


def _given(environ: Mapping[str, str]) -> dict[str, object]:
    """The settings present in the environment, converted; an unknown QILIU_ name stops the program."""
    known = {PLAIN_NAMES.get(f.name, PREFIX + f.name.upper()): f for f in fields(Config)}
    unknown = sorted(name for name in environ if _is_setting(name) and name not in known)
    if unknown:
        raise ConfigError(f"不認得的設定：{'、'.join(unknown)}。")
    given: dict[str, object] = {}
    for name, setting in known.items():
        if environ.get(name):
            given[setting.name] = _convert(name, environ[name], str(setting.type))
    return given


def _is_setting(name: str) -> bool:
    return name.startswith(PREFIX) and name not in NOT_SETTINGS and not name.startswith("QILIU_TEST_")


def _convert(name: str, text: str, kind: str) -> object:
    if kind == "bool":
        return text.lower() in ("1", "true", "yes", "on")
    if kind == "Path":
        return Path(text).resolve()
    if kind != "int":
        return text
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"{name} 要是整數，不是「{text}」。") from None


def _secret_from(file: str | None, data_dir: Path) -> str:
    """The key in the file that was named, else the one in the data folder, made on first use (mode 600)."""
    if file:
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise ConfigError(f"讀不到 QILIU_SECRET_KEY_FILE：{error.strerror}。") from None
    path = data_dir / "secret.key"
    if not path.exists():
        fresh = data_dir / f".secret.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):          # another process was first: its key stands
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
