"""A browser without scripts over real HTTP: keeps cookies, fills forms as the page shows them, notices when the server dies."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin

from lxml import html


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it would be sent. The same form sent again is the same click."""

    address: str
    values: tuple[tuple[str, str], ...]

    def filled(self, **values: str) -> Form:
        return Form(self.address, (*((k, v) for k, v in self.values if k not in values), *values.items()))


@dataclass(frozen=True, slots=True)
class Page:
    """``address`` after redirects."""

    status: int
    address: str
    text: str

    def form(self, part: str) -> Form:
        """The form whose address holds ``part``; an empty address is the page's own."""
        for form in html.fromstring(self.text).forms:
            address = urljoin(self.address, form.get("action") or self.address)
            if part in address and (form.get("method") or "get").lower() == "post":
                return Form(address, tuple((str(k), str(v)) for k, v in form.form_values()))
        raise LookupError(f"no form {part} on {self.address}: {self.text[:300]}")


class Browser:
    def __init__(self, base_url: str, timeout_s: float = 60) -> None:
        self._base, self._timeout = base_url, timeout_s
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        page = self._open(urllib.request.Request(urljoin(self._base, path)))
        assert page is not None, f"no answer from {path}"
        return page

    def send(self, form: Form) -> Page | None:
        """None when the server died before it answered."""
        return self._open(urllib.request.Request(form.address, urlencode(form.values).encode()))

    def log_in(self, account: str, password: str) -> Page:
        page = self.send(self.get("/").form("/login").filled(account=account, password=password))
        assert page is not None and page.status == 200
        return page

    def _open(self, request: urllib.request.Request) -> Page | None:
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Page(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, request.full_url, error.read().decode())
        except (OSError, http.client.HTTPException):
            return None
