"""The business-registry adapter: what it compares, and the two ways to ask."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask

from app.errors import ExternalFailure
from app.procurement.vendors.registry import CompanyFacts, HttpRegistry, Verdict, compare

CLAIMED = {"company_name": "晨禾雲端股份有限公司", "head_name": "許庭瑋"}
FACTS = CompanyFacts("12345675", "晨禾雲端股份有限公司", "許庭瑋", "臺北市中山區", "核准設立")


@pytest.mark.parametrize(("facts", "verdict", "words"), [
    (FACTS, Verdict.MATCH, "相符"),
    (None, Verdict.MISSING, "查無"),
    (CompanyFacts("12345675", "別家公司", "許庭瑋", "", "核准設立"), Verdict.MISMATCH, "「別家公司」"),
    (CompanyFacts("12345675", FACTS.name, "別人", "", "核准設立"), Verdict.MISMATCH, "負責人與填寫的不同"),
    (CompanyFacts("12345675", FACTS.name, FACTS.head_name, "", "解散"), Verdict.MISMATCH, "「解散」"),
    (CompanyFacts("12345675", "晨禾 雲端股份有限公司", FACTS.head_name, "", "核准設立"), Verdict.MATCH, "相符"),
])
def test_a_registration_is_compared_with_the_registry(facts: CompanyFacts | None, verdict: Verdict, words: str) -> None:
    found, note = compare(CLAIMED, facts)

    assert found is verdict and words in note


@pytest.fixture
def http_registry() -> Iterator[HttpRegistry]:
    """A registry of one company; 99999999 breaks, everything else is unknown."""
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number = self.path.rpartition("/")[2]
            body = json.dumps({"tax_id": number, "name": FACTS.name, "head_name": FACTS.head_name,
                               "address": FACTS.address, "status": FACTS.status}).encode()
            self.send_response({"12345675": 200, "99999999": 500}.get(number, 404))
            self.end_headers()
            self.wfile.write(body if number == "12345675" else b"broken")

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield HttpRegistry(f"http://127.0.0.1:{server.server_port}/companies")
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_the_http_registry_answers(http_registry: HttpRegistry) -> None:
    assert http_registry.lookup("12345675") == FACTS
    assert http_registry.lookup("00000001") is None


def test_a_broken_registry_is_an_external_failure(http_registry: HttpRegistry) -> None:
    with pytest.raises(ExternalFailure) as failure:
        http_registry.lookup("99999999")

    assert failure.value.retry and failure.value.facts["status"] == 500


def test_a_registry_that_is_away_is_an_external_failure() -> None:
    with pytest.raises(ExternalFailure):
        HttpRegistry("http://127.0.0.1:9").lookup("12345675")


def test_an_open_data_file_is_imported_once(app: Flask) -> None:
    runner = app.test_cli_runner()
    csv = "統一編號,公司名稱,代表人,公司所在地,公司狀況\n12345675,晨禾雲端股份有限公司,許庭瑋,臺北市中山區,核准設立\n"

    first = runner.invoke(args=["registry", "import", "-"], input="\ufeff" + csv)
    again = runner.invoke(args=["registry", "import", "-"], input=csv)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "已匯入 1 筆" in again.output


def test_a_wrong_number_in_the_file_imports_nothing(app: Flask) -> None:
    csv = "統一編號,公司名稱,代表人,公司所在地,公司狀況\n1234,甲,乙,丙,核准設立\n"

    result = app.test_cli_runner().invoke(args=["registry", "import", "-"], input=csv)

    assert result.exit_code == 1 and "第 2 列" in result.output


def test_an_account_of_the_office_is_opened_once(app: Flask) -> None:
    runner = app.test_cli_runner()
    command = ["account", "create", "wang@office.example", "--name", "王小明", "--role", "admin",
               "--password", "Qiliu-first-admin-1!"]

    first, again = runner.invoke(args=command), runner.invoke(args=command)

    assert "系統管理者" in first.output and again.exit_code == 1 and "已經有帳號" in again.output


def test_a_weak_password_is_refused_at_the_command_line(app: Flask) -> None:
    command = ["account", "create", "wang@office.example", "--name", "王小明", "--role", "admin", "--password", "short"]

    result = app.test_cli_runner().invoke(args=command)

    assert result.exit_code == 1 and "12" in result.output
