"""Settings from the environment."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.config import Config, ConfigError


def test_a_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Config.from_env({"QILIU_DATA_DIR": str(tmp_path)})
    second = Config.from_env({"QILIU_DATA_DIR": str(tmp_path)})

    assert first.secret_key == second.secret_key and len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_a_secret_key_can_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("s" * 40 + "\n")

    config = Config.from_env({"QILIU_DATA_DIR": str(tmp_path), "QILIU_SECRET_KEY_FILE": str(tmp_path / "k")})

    assert config.secret_key == "s" * 40


def test_a_config_survives_the_way_through_variables(tmp_path: Path) -> None:
    config = Config.from_env({"QILIU_DATA_DIR": str(tmp_path), "QILIU_DEV": "1", "PORT": "8123",
                              "DATABASE_URL": "postgres://u@h/d", "REDIS_URL": "redis://r:6379/2"})

    assert Config.from_env(config.environ()) == config
    assert config.dev is True and config.port == 8123 and config.base_url == "http://127.0.0.1:8123"
    assert config.sqlalchemy_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(("name", "value", "word"), [
    ("QILIU_SECRET_KEY", "short", "32"), ("QILIU_BASE_URL", "example.com", "http"), ("REDIS_URL", "localhost", "redis://"),
    ("PORT", "eighty", "整數"), ("QILIU_CALENDAR_FILE", "/nowhere.json", "工作日曆"),
    ("QILIU_NONSENSE", "1", "QILIU_NONSENSE")])
def test_a_bad_setting_is_named(tmp_path: Path, name: str, value: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        Config.from_env({"QILIU_DATA_DIR": str(tmp_path), name: value})


def test_secrets_do_not_show_in_logs(tmp_path: Path) -> None:
    config = Config.from_env({"QILIU_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://u:hidden@h/d"})

    assert "hidden" not in repr(config) and config.secret_key not in repr(config)
