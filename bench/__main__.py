"""``python -m bench``: measure the product against its targets, one JSON line a figure.

DATABASE_URL with a PostgreSQL address adds that server: databases of its own are created there and dropped again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection

from bench import counts, loops, queues, timers, web
from bench.figures import TARGETS, Figure, missing
from bench.servers import Sites
from bench.sizes import FULL, QUICK, Sizes

Measure = Callable[[Sites, Sizes], dict[str, Figure]]

# In this order: what fills the tables comes last. Memory is read after the work.
MEASURES: list[tuple[Measure, tuple[str, ...]]] = [
    (web.one_client, ("complete_p50_c1", "starts_per_s_c1")),
    (web.eight_clients, ("completions_per_s_c8",)),
    (counts.per_completion, ("sql_per_completion", "commits_per_completion")),
    (loops.old_and_young, ("loop_ratio_500",)),
    (web.memory, ("rss_web",)),
    (queues.pages, ("queue_p95_100k", "queue_ratio_100k_1k")),
    (timers.fired, ("timers_fired_per_s",)),
    (timers.poll, ("timer_poll_10k",)),
    (timers.delay, ("timer_delay_p95",)),
]


def run(database_url: str, sizes: Sizes, only: Collection[str]) -> None:
    """Print the figures of one database as they are measured."""
    sites = Sites(database_url)
    db = "postgresql" if database_url.startswith("postgres") else "sqlite"
    with sites.stack:
        for measure, metrics in MEASURES:
            wanted = [metric for metric in metrics if metric in only]
            figures = _measured(measure, sites, sizes) if wanted else {}
            for metric in wanted:
                print(figures[metric].line(db) if metric in figures else missing(metric, db), flush=True)  # noqa: T201


def _measured(measure: Measure, sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """Nothing when it fails: the others are measured all the same, and the lines say that this one is missing."""
    try:
        return measure(sites, sizes)
    except Exception:  # noqa: BLE001 whatever it is
        traceback.print_exc()
        return {}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few calls of each: shows that the bench works, measures nothing")
    parser.add_argument("--only", action="append", choices=sorted(TARGETS), metavar="METRIC", help="this figure; can be repeated")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))       # servers and databases go with us
    only = options.only or TARGETS
    address = os.environ.get("DATABASE_URL", "")
    for url in ["", address] if address.startswith("postgres") else [""]:
        run(url, QUICK if options.quick else FULL, only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
