"""HTML to PDF, in both engines."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from app.documents import pdf

ENGINES = ["weasyprint", "plutoprint"]
PAGE = ('<!doctype html><html lang="zh-Hant-TW"><head><title>收據 R-1</title></head>'
        "<body><h1>喆堃電腦</h1><p>{}</p></body></html>")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "weasyprint" and pdf.engine_name() != "weasyprint":
        pytest.skip("weasyprint: pango is not installed")
    if not pdf.FONTS.exists():
        pytest.skip("fonts: assets are not built")
    return str(request.param)


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None: ...
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.png", seen
    server.shutdown()
    server.server_close()


def fonts_of(reader: PdfReader) -> list[str]:
    resources = reader.pages[0]["/Resources"]["/Font"]
    return [str(font.get_object()["/BaseFont"]) for font in resources.values()]


def test_text_is_chinese_in_an_embedded_font(engine: str) -> None:
    reader = PdfReader(io.BytesIO(pdf.render(PAGE.format("統一編號"), engine=engine)))

    assert "喆堃電腦" in reader.pages[0].extract_text()
    assert reader.metadata is not None and reader.metadata.title == "收據 R-1"
    assert fonts_of(reader) and all("Noto" in name and "+" in name for name in fonts_of(reader))


def test_language_is_named_for_screen_readers() -> None:
    if pdf.engine_name() != "weasyprint":
        pytest.skip("weasyprint: pango is not installed")

    reader = PdfReader(io.BytesIO(pdf.render(PAGE.format(""))))

    assert reader.trailer["/Root"]["/Lang"] == pdf.LANGUAGE


def test_a_fragment_becomes_a_whole_page(engine: str) -> None:
    assert "片段" in PdfReader(io.BytesIO(pdf.render("<p>片段</p>", engine=engine))).pages[0].extract_text()


def test_nothing_is_fetched_from_the_network(engine: str, visits: tuple[str, list[str]]) -> None:
    url, seen = visits

    document = pdf.render(PAGE.format(f'<img src="{url}"><link rel="stylesheet" href="{url}">'), engine=engine)

    assert document.startswith(b"%PDF-") and seen == []


def test_no_file_outside_our_folders_is_read(engine: str, tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("h1::after { content: 'OPENED' }")
    (tmp_path / "inside").mkdir()
    addresses = [(tmp_path / "secret.css").as_uri(), "../secret.css", f"{(tmp_path / 'inside').as_uri()}/../secret.css"]
    links = "".join(f'<link rel="stylesheet" href="{address}">' for address in addresses)

    document = pdf.render(PAGE.format(links), base=tmp_path / "inside", engine=engine)

    assert "OPENED" not in PdfReader(io.BytesIO(document)).pages[0].extract_text()


def test_check_boxes_are_drawn_not_typed(engine: str) -> None:
    reader = PdfReader(io.BytesIO(pdf.render(PAGE.format('<span class="check check-on"></span>同意'), engine=engine)))

    assert "同意" in reader.pages[0].extract_text()
    assert all("DejaVu" not in name for name in fonts_of(reader))
