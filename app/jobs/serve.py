"""The web server alone, as production runs it: ``python -m app.jobs.serve``."""

from __future__ import annotations

import os
import sys

from app.config import Config, ConfigError
from app.jobs import processes


def main() -> None:
    try:
        config = Config.from_env()
    except ConfigError as reason:
        sys.exit(f"契流無法啟動：{reason}")
    command = processes.web(config, f"{config.host}:{config.port}")
    os.execve(command[0], command, {**os.environ, **config.environ()})  # noqa: S606


if __name__ == "__main__":
    main()
