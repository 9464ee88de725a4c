"""The business-registry adapter (domain §3.12): one interface, a table that works anywhere, an HTTP client.

Asking costs time and may fail, so it runs in a background job; who asks by HTTP has no transaction open.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy.orm import Session

from app.errors import ExternalFailure
from app.procurement.vendors.models import CompanyRecord

TIMEOUT_S = 5
MAX_BYTES = 64_000


class Verdict(StrEnum):
    """What the registry says of a company; the values are read by the decision table."""

    MATCH = "match"
    MISMATCH = "mismatch"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company as registered."""

    tax_id: str
    name: str
    head_name: str
    address: str
    status: str


class BusinessRegistry(Protocol):
    def lookup(self, tax_id: str) -> CompanyFacts | None:
        """The registered company or None. Raises ExternalFailure when the registry does not answer."""


class TableRegistry:
    """Reads ``company_records``, filled from an open-data file by ``flask registry import``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lookup(self, tax_id: str) -> CompanyFacts | None:
        row = self._session.get(CompanyRecord, tax_id)
        return row and CompanyFacts(row.tax_id, row.name, row.head_name, row.address, row.status)


class HttpRegistry:
    """Asks ``GET {url}/{tax_id}``: 200 with a JSON object of CompanyFacts' names, or 404."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError("the registry's address must be http or https")
        self._url = url.rstrip("/")

    def lookup(self, tax_id: str) -> CompanyFacts | None:
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            f"{self._url}/{tax_id}", headers={"Accept": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                return _facts(json.loads(answer.read(MAX_BYTES)))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise ExternalFailure("business-registry", "商業登記系統暫時無法查詢。", status=error.code) from error
        except (OSError, ValueError, KeyError) as error:
            raise ExternalFailure("business-registry", "商業登記系統暫時無法查詢。", reason=repr(error)) from error


def _facts(found: Mapping[str, str]) -> CompanyFacts:
    return CompanyFacts(*(str(found[key])[:200] for key in ("tax_id", "name", "head_name", "address", "status")))


def compare(claimed: Mapping[str, str], facts: CompanyFacts | None) -> tuple[Verdict, str]:
    """Compare a registration with the registry: the verdict and a sentence for the reviewer."""
    if facts is None:
        return Verdict.MISSING, "商業登記查無此統一編號"
    wrong = []
    if _bare(claimed["company_name"]) != _bare(facts.name):
        wrong.append(f"登記名稱為「{facts.name}」")
    if _bare(claimed["head_name"]) != _bare(facts.head_name):
        wrong.append("登記負責人與填寫的不同")           # the name itself is personal data, and a history is kept for ever
    if facts.status != "核准設立":
        wrong.append(f"登記狀況為「{facts.status}」")
    return (Verdict.MISMATCH, "，".join(wrong)) if wrong else (Verdict.MATCH, "名稱、負責人與登記狀況相符")


def _bare(text: str) -> str:
    return "".join(text.split()).replace("台", "臺")


_address = ""


def configure(url: str) -> None:
    """Called once at start: the registry's address, or empty for the table."""
    global _address
    _address = url


def open_registry(session: Session) -> BusinessRegistry:
    return HttpRegistry(_address) if _address else TableRegistry(session)
