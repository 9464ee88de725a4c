"""HTML to PDF. WeasyPrint where pango is installed, else PlutoPrint, which draws the same page from one wheel.

Both engines are loaded on first use only: they cost 60 MB and, without pango, an OSError.
Nothing but our own fonts (and ``data:`` pictures) can be fetched by a page: no network, no other files.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

FONTS = Path(__file__).resolve().parent.parent / "static" / "dist" / "fonts"
FACES = ((400, "NotoSansTC_400Regular.ttf"), (700, "NotoSansTC_700Bold.ttf"))
FAMILY = "Noto Sans TC"
LANGUAGE = "zh-Hant-TW"

# Signs such as ☑ are in no Chinese font: a box is drawn, a tick inside it when the class says so.
CHECK_BOXES = """
.check { display: inline-block; width: .78em; height: .78em; border: .07em solid currentColor;
         margin: 0 .25em 0 0; vertical-align: -.06em; }
.check-on { background: no-repeat center/100% url("data:image/svg+xml;utf8,TICK"); }
""".replace("TICK", quote("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12'>"
                          "<path fill='none' stroke='#000' stroke-width='1.6' d='M2 6.4 5 9.4 10.2 2.6'/></svg>"))


class UnsafeResource(ValueError):
    """A page asked for something that documents may not read."""


@cache
def engine_name() -> str:
    """``weasyprint`` or ``plutoprint``."""
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):       # it prints advice
            import weasyprint  # noqa: F401
    except OSError:                              # pango is not installed
        return "plutoprint"
    return "weasyprint"


def render(html: str, *, base: Path | None = None, engine: str | None = None) -> bytes:
    """A whole HTML document as PDF, with embedded fonts, title and language.

    base    a folder whose files the page may show too (pictures); None = none
    engine  choose one of the two; only tests do
    """
    page = _with_style(html)
    draw = _weasyprint if (engine or engine_name()) == "weasyprint" else _plutoprint
    return draw(page, _Allowed(base))


def _with_style(html: str) -> str:
    """Our fonts first, so that the page's own style may override."""
    faces = "".join(f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; src: url("{(FONTS / name).as_uri()}"); }}\n'
                    for weight, name in FACES)
    style = f'<style>{faces}html {{ font-family: "{FAMILY}", sans-serif; }}\n{CHECK_BOXES}</style>'
    head, found, rest = html.partition("<head>")
    if found:
        return f"{head}<head>{style}{rest}"
    return f'<!doctype html><html lang="{LANGUAGE}"><head><meta charset="utf-8">{style}</head><body>{html}</body></html>'


class _Allowed:
    """What may be fetched: our fonts, inline data, and files inside one folder."""

    def __init__(self, base: Path | None) -> None:
        self._folders = [FONTS] + ([base.resolve()] if base else [])
        self.base_url = base.resolve().as_uri() + "/" if base else None

    def may(self, url: str) -> bool:
        return url.startswith("data:") or (url.startswith("file://") and self._is_inside(url))

    def _is_inside(self, url: str) -> bool:
        path = Path(unquote(urlsplit(url).path)).resolve()
        return any(path.is_relative_to(folder) for folder in self._folders)


def _weasyprint(page: str, allowed: _Allowed) -> bytes:
    import weasyprint
    document = weasyprint.HTML(string=page, base_url=allowed.base_url, url_fetcher=_fetcher(allowed))
    result: bytes = document.write_pdf(custom_metadata=True)
    return result


def _fetcher(allowed: _Allowed) -> URLFetcher:
    from weasyprint.urls import URLFetcher as Base

    class Fetcher(Base):
        def fetch(self, url, headers=None):  # type: ignore[no-untyped-def]
            if not allowed.may(url):
                raise UnsafeResource(url[:200])      # the picture stays empty, the page is drawn
            return super().fetch(url, headers)
    return Fetcher()


def _plutoprint(page: str, allowed: _Allowed) -> bytes:
    import plutoprint

    class Fetcher(plutoprint.ResourceFetcher):
        def fetch_url(self, url):  # type: ignore[no-untyped-def]
            if not allowed.may(url):
                return plutoprint.ResourceData(b"", "text/plain")
            return plutoprint.default_resource_fetcher.fetch_url(url)
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.custom_resource_fetcher = Fetcher()
    book.load_html(page, base_url=allowed.base_url or "")
    stream = io.BytesIO()
    book.write_to_pdf_stream(stream)
    return stream.getvalue()
