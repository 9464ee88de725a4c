"""``python -m tests.faults.runner --cases 40 --seed 7``: tell that many lives on the database of DATABASE_URL.

Prints one JSON line: cases, kills by fault point, what is wrong. The database must be empty and have its tables.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import secrets
import sys
import time
import traceback

from flask import Flask

import app.operations  # noqa: F401  diagrams name these
from app import create_app
from app.actor import SYSTEM
from app.config import ROOT, Config
from app.demo.companies import Company
from app.engine import packages
from app.extensions import db, unit_of_work
from app.procurement.vendors.models import CompanyRecord
from tests import factories
from tests.faults.doors import Doors
from tests.faults.ports import Ports
from tests.faults.servant import Answer, Broken, Request, Servant
from tests.faults.verify import Verdict, story
from tests.faults.walk import Life, Staff, Teller

GROUP = 3


class Inline:
    """Serves in this very process: one life told this way warms what all later forks inherit."""

    def __init__(self, serve: Doors) -> None:
        self._serve = serve

    def ask(self, request: Request) -> Answer:
        request.pop("fault", None)
        return self._serve(request)


def company(number: int) -> Company:
    tax_id = factories.make_tax_id()
    return Company(tax_id, f"測試{tax_id}股份有限公司", "許庭瑋", "104", f"臺北市中山區民生東路三段{number}號",
                   f"林芷涵{number}", "產品經理", f"02-{tax_id[:4]}-{tax_id[4:]}", f"09{tax_id[:2]}-{tax_id[2:5]}-{tax_id[5:]}",
                   f"person{number}-{tax_id}")


def prepare(application: Flask, cases: int, rng: random.Random) -> tuple[Staff, list[Life]]:
    """Procedures, people of the office, companies; half of them match the registry and need one person only."""
    with application.app_context():
        with unit_of_work(SYSTEM) as uow:
            packages.deploy_all(uow, ROOT)
            people = [factories.make_user(uow.session, roles=(role,), name=name).id for role, name in (
                ("reviewer", "陳冠宇"), ("reviewer", "李承恩"), ("approver", "蔡明哲"), ("manager", "吳佩珊"))]
            companies = [company(number) for number in range(cases)]
            for one in companies:
                if rng.random() < 0.6:
                    uow.session.add(CompanyRecord(tax_id=one.tax_id, name=one.name, head_name=one.head, address=one.address,
                                                  status="核准設立"))
        packages.get(db.session(), packages.active(db.session(), "vendor_registration").id)      # cached for all forks
        db.session.remove()
        db.engine.dispose()
    lives = [Life(number, one.values()) for number, one in enumerate(companies)]
    return Staff((people[0], people[1]), (people[2],), people[3]), lives


def run(cases: int, seed: int, kill: float) -> dict[str, object]:
    began, rng = time.monotonic(), random.Random(seed)
    config = Config.from_env()
    application = create_app(config)
    ports = Ports(config.data_dir / "received.jsonl")
    ports.install()
    factories.password_hash()
    staff, lives = prepare(application, cases + 1, rng)
    doors = Doors(application, ports)
    warm = Teller(Inline(doors), staff, random.Random(0), kill=0)
    warm.tell([lives.pop()])
    with application.app_context():
        db.engine.dispose()
    gc.freeze()                               # what the forks inherit is not touched by their collectors
    servant = Servant(doors)
    teller = Teller(servant, staff, rng, kill=kill)
    teller.lives, teller.now = warm.lives, warm.now
    wrong = []
    try:
        for start in range(0, cases, GROUP):
            teller.tell(lives[start:start + GROUP])
    except Broken:
        wrong = [traceback.format_exc(), *(story(life) for life in teller.lives[-GROUP:])]
    servant.close()
    with application.app_context():
        wrong += Verdict(db.session(), teller, ports.log, config.base_url).read() if not wrong else []
        db.session.remove()
        db.engine.dispose()
    return {"seed": seed, "cases": len(teller.lives) - 1, "killed_cases": sum(life.kills > 0 for life in teller.lives),
            "kills": sum(teller.kills.values()), "at": dict(sorted(teller.kills.items())), "requests": teller.asked,
            "seconds": round(time.monotonic() - began, 1), "wrong": wrong}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--kill", type=float, default=0.35, help="share of clicks that meet an armed fault point")
    chosen = parser.parse_args()
    report = run(chosen.cases, chosen.seed, chosen.kill)
    print(json.dumps(report, ensure_ascii=False))
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
