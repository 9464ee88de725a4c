"""Assignments of script tasks."""

from __future__ import annotations

import pytest

from app.rules import feel


def run(source: str, **variables: object) -> dict[str, object]:
    for name, program in feel.script(source):
        variables[name] = program(variables)
    return variables


def test_assignments_run_in_order_and_see_each_other() -> None:
    assert run("a = 1\nb = a + 1; c = a + b") == {"a": 1, "b": 2, "c": 3}


def test_expression_may_span_lines() -> None:
    source = 'kind = if amount > 10\n  then "大"\n  else "小"\ntotal = sum([\n 1,\n 2])\n'

    assert run(source, amount=11) == {"amount": 11, "kind": "大", "total": 3}


def test_comments_blank_lines_and_semicolons_in_text_are_no_statements() -> None:
    assert run('// first\n\na = "x;y" // note\n/* z = 1 */\nb = 2;\n') == {"a": "x;y", "b": 2}


def test_comparison_inside_a_context_is_no_assignment() -> None:
    assert run("a = {b: 1,\n c: 1 = 1}") == {"a": {"b": 1, "c": True}}


def test_empty_script_does_nothing() -> None:
    assert feel.script("  \n") == feel.script(";;") == ()


@pytest.mark.parametrize(
    ("source", "position"),
    [
        ("a", 0),
        ("1 = 2", 0),
        ("a = 1\nb = ", 6),
        ("a = 1; b = (2", 13),
        ("if = 1", 0),
        ("a == 1", 0),
        ("x.y = 1", 0),
        ("a = 1; 5", 7),
    ],
)
def test_what_is_no_assignment_is_refused_with_its_place(source: str, position: int) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.script(source)

    assert caught.value.position == position


def test_number_of_statements_is_bounded() -> None:
    with pytest.raises(feel.FeelSyntaxError, match="最多 50 行"):
        feel.script("\n".join(f"a{number} = 1" for number in range(51)))
