"""Diagrams damaged at random: always an answer, never an exception, and what is called runnable can be restored and drawn."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest
from lxml import etree

from app.config import ROOT
from app.engine import bpmn, examine, picture
from app.engine.bpmn import Element
from tests.unit.engine_definitions.drawing import KNOWN

DIAGRAMS = sorted((ROOT / "bpmn").glob("*/*.bpmn"))
ROUNDS = 12
TEXTS = ("", "P", "R/", "a b", "= =", "${x}", "1", "not(", "PT")


def damage(root: Element, dice: random.Random) -> None:
    elements = [element for element in root.iter() if bpmn.is_bpmn(element) and element is not root]
    names = [element.get("id") for element in elements if element.get("id")]
    for _time in range(dice.randint(1, 10)):
        element, other = dice.choice(elements), dice.choice(elements)
        kind = dice.randrange(6)
        if kind == 0 and element.getparent() is not None:
            element.getparent().remove(element)
        elif kind == 1 and element.attrib:
            del element.attrib[dice.choice(list(element.attrib))]
        elif kind == 2 and element.attrib:
            element.set(dice.choice(list(element.attrib)), dice.choice([*names, "", "true", "x y", "-1"]))
        elif kind == 3:
            element.tag = other.tag
        elif kind == 4 and element is not other and other not in element.iterdescendants():
            other.append(element)
        elif kind == 5:
            element.text = dice.choice(TEXTS)


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_diagram_is_answered_and_drawn(seed: int) -> None:
    dice = random.Random(seed)
    for _round in range(ROUNDS):
        root = etree.fromstring(dice.choice(DIAGRAMS).read_bytes())
        damage(root, dice)
        data = etree.tostring(root)

        report = examine.foreign(data, "damaged.bpmn", KNOWN).report

        assert report.runnable or report.errors
        assert "engine.parse" not in {finding.rule for finding in report.errors}      # ours says it better
        assert ElementTree.fromstring(picture.svg(data)) is not None
