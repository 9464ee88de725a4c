"""The picture: drawn from positions, coloured by classes, every text escaped, and readable without seeing it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from app.config import ROOT
from app.engine import picture
from app.engine.picture import Count
from app.engine.picture.words import wrap
from app.errors import DefinitionError
from tests.unit.engine_definitions.drawing import Drawing, timer

VENDOR = (ROOT / "bpmn/vendor_registration/vendor_registration.bpmn").read_bytes()
ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(2)> &amp; \' ]]>'


def parsed(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def classes(drawn: str) -> set[str]:
    return {name for value in re.findall(r'class="([^"]*)"', drawn) for name in value.split()}


def test_path_of_a_case_is_drawn_and_said() -> None:
    drawn = picture.svg(VENDOR, done={"start_received", "acknowledge_receipt"}, flows={"to_received"},
                        now={"review_registration"})
    root = parsed(drawn)

    assert root.get("role") == "img"
    assert root.get("aria-label") == "註冊審核：送出註冊、回覆收件並留存 PDF已完成，目前在初審"
    assert {"q-dia", "n", "n-on", "n-now", "e", "e-on", "t-now", "l", "l-h"} <= classes(drawn)
    assert len(re.findall('class="e-on"', drawn)) == 1
    assert len(re.findall('class="n-now"', drawn)) == 1


def test_figures_colour_the_steps() -> None:
    drawn = picture.svg(VENDOR, counts={"review_registration": Count(34, 3), "correct_registration": Count(9),
                                        "confirm_registration": Count(60, 0)})

    assert {"q-h1", "q-h3", "q-h4", "n-badge", "n-late", "e-p"} <= classes(drawn)
    assert {"q-h2", "e", "e-on"} & classes(drawn) == set()
    assert "34 件" in drawn
    assert "逾期 3" in drawn
    assert "初審：34 件，逾期 3 件" in drawn


def test_links_make_it_a_group_with_names() -> None:
    drawn = picture.svg(VENDOR, counts={"review_registration": Count(2)},
                        link=lambda node: f"/board?node={node}&x=1" if node == "review_registration" else None)
    root = parsed(drawn)

    assert root.get("role") == "group"                  # an image may not hold links
    links = list(root.iter("a"))
    assert [(link.get("href"), link.get("aria-label")) for link in links] == [
        ("/board?node=review_registration&x=1", "初審：2 件")]


def test_without_style_script_or_foreign_address() -> None:
    drawn = picture.svg(VENDOR, now={"review_registration"})

    assert "style=" not in drawn
    assert "<script" not in drawn
    assert "http" not in drawn


def test_every_text_of_the_diagram_is_escaped() -> None:
    from html import escape
    d = Drawing().line(("userTask", "review_case", ""))
    d.parts = [part.replace("步驟 2", escape(ATTACK)).replace('name="是"', f'name="{escape(ATTACK)}"') for part in d.parts]
    xml = d.xml.replace("示範".encode(), escape(ATTACK).encode())

    drawn = picture.svg(xml, counts={"review_case": Count(1)}, link=lambda node: ATTACK, label=None, uid=ATTACK)

    root = parsed(drawn)
    assert [element.tag for element in root.iter() if element.tag in ("script", "img")] == []


def test_a_drawing_without_positions_is_laid_out() -> None:
    d = Drawing().line(("userTask", "review_case", ""), ("serviceTask", "note_it", ""))
    d.node("boundaryEvent", "late", timer("P1D"), 'attachedToRef="review_case"').node("endEvent", "over").flow("late", "over")

    root = parsed(picture.svg(d.xml))

    assert len(list(root.iter("rect"))) == 2
    assert len([path for path in root.iter("path") if path.get("class") == "e-p"]) == 4


def test_impossible_positions_do_no_harm() -> None:
    xml = VENDOR.replace(b'x="172"', b'x="NaN"').replace(b'width="36"', b'width="1e400"').replace(b'y="132"', b'y="abc"')

    root = parsed(picture.svg(xml))

    assert "nan" not in (root.get("viewBox") or "").lower()
    assert "inf" not in (root.get("viewBox") or "").lower()


def test_a_file_that_reads_files_is_refused() -> None:
    with pytest.raises(DefinitionError):
        picture.svg(b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + VENDOR)


@pytest.mark.parametrize(("text", "room", "most", "lines"), [
    ("初審", 100, 3, ["初審"]),
    ("核准註冊並通知", 96, 3, ["核准註冊", "並通知"]),
    ("回覆收件並留存 PDF", 96, 3, ["回覆收件並", "留存 PDF"]),
    ("這個名稱長到放不進兩行所以要截斷", 70, 2, ["這個名稱長", "到放不進…"]),
    ("通過。", 30, 2, ["通過。"]),
    ("Write description", 96, 3, ["Write", "description"]),
    ("", 100, 3, []),
])
def test_words_are_wrapped_evenly(text: str, room: float, most: int, lines: list[str]) -> None:
    assert wrap(text, room, 14, most) == lines
