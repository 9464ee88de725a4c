"""Small decision tables for tests, written as rows."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from app.rules import dmn

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
Column = tuple[str, str, str]


def table_xml(
    inputs: list[Column],
    rows: list[tuple[str, ...]],
    policy: str = "UNIQUE",
    *,
    outputs: tuple[str, ...] = ("結果",),
    extra: str = "",
    listed: str = "",
    default: str = "",
    allowed: str = "",
) -> str:
    """One decision ``t``; inputs are (label, expression, type), rows the cells from left to right.

    extra  attributes of the table; listed, default, allowed  texts for outputValues, defaultOutputEntry, inputValues
    """
    head = "".join(
        f'<input label={quoteattr(label)}><inputExpression typeRef="{kind}">{text(expression)}</inputExpression>'
        f"{wrapped('inputValues', allowed)}</input>"
        for label, expression, kind in inputs
    )
    head += "".join(
        f"<output name={quoteattr(name)}>{wrapped('outputValues', listed)}{wrapped('defaultOutputEntry', default)}</output>"
        for name in outputs
    )
    body = "".join(
        "<rule>"
        + "".join(wrapped("inputEntry", cell) for cell in row[: len(inputs)])
        + "".join(wrapped("outputEntry", cell) for cell in row[len(inputs) :])
        + "</rule>"
        for row in rows
    )
    return f'<decision id="t" name="級距"><decisionTable hitPolicy="{policy}" {extra}>{head}{body}</decisionTable></decision>'


def table(inputs: list[Column], rows: list[tuple[str, ...]], policy: str = "UNIQUE", **more: object) -> dmn.Decision:
    return load(table_xml(inputs, rows, policy, **more))["t"]  # type: ignore[arg-type]


def load(decisions: str) -> dict[str, dmn.Decision]:
    return dmn.load(definitions(decisions), "test.dmn")


def definitions(decisions: str) -> bytes:
    return (
        f'<?xml version="1.0"?><definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="x">{decisions}</definitions>'.encode()
    )


def wrapped(tag: str, content: str) -> str:
    return (
        f"<{tag}>{text(content)}</{tag}>"
        if content
        else (f"<{tag}/>" if tag.endswith("Entry") and tag != "defaultOutputEntry" else "")
    )


def text(content: str) -> str:
    return f"<text>{escape(content)}</text>"
