"""Templates of documents."""

from __future__ import annotations

import pytest

from app.documents import sheets
from app.errors import DefinitionError


def test_values_are_escaped() -> None:
    assert sheets.fill("<p>{{ name }}</p>", {"name": "<script>"}) == "<p>&lt;script&gt;</p>"


def test_an_unknown_name_is_a_fault_of_the_template() -> None:
    with pytest.raises(DefinitionError) as caught:
        sheets.fill("{{ nonsense }}", {}, file="templates/pdf/x.html")

    assert caught.value.file == "templates/pdf/x.html" and caught.value.rule == "document-template"


@pytest.mark.parametrize("source", [
    "{{ ''.__class__.__mro__ }}", "{{ x.__init__.__globals__ }}", "{% for i in y %}{{ y.clear() }}{% endfor %}"])
def test_a_template_cannot_reach_out(source: str) -> None:
    with pytest.raises(DefinitionError):
        sheets.fill(source, {"x": object(), "y": [1]})
