"""Files made to hurt: each is answered within ten seconds with a finding, and nothing of it is carried out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.engine import sandbox
from app.engine.findings import Report
from tests.unit.engine_definitions.drawing import KEY, KNOWN, Drawing

PLAIN = Drawing().line(("userTask", "do_work", "")).xml.decode()


def bomb(levels: int) -> str:
    entities = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, levels))
    return f"<?xml version='1.0'?><!DOCTYPE x [{entities}]>" + PLAIN.replace("審核人員", f"&l{levels - 1};")


def external(target: str) -> str:
    return f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM '{target}'>]>" + PLAIN.replace("審核人員", "&e;")


def nested(depth: int) -> str:
    return PLAIN.replace("</process>", "<documentation>" * depth + "</documentation>" * depth + "</process>")


def sub_processes(depth: int) -> str:
    inner = '<startEvent id="s{0}"/><endEvent id="e{0}"/>'
    text = "".join(f'<subProcess id="sub{i}">{inner.format(i)}' for i in range(depth)) + "</subProcess>" * depth
    return PLAIN.replace("</process>", f"{text}</process>")


def many_flows(count: int) -> str:
    return PLAIN.replace("</process>", "".join(
        f'<sequenceFlow id="x{i}" sourceRef="do_work" targetRef="end"/>' for i in range(count)) + "</process>")


def chain(count: int) -> str:
    return Drawing().line(*(("userTask", f"step_{i}", "") for i in range(count))).xml.decode()


def parallel_row(blocks: int) -> str:
    d = Drawing().node("startEvent", "start")
    before = "start"
    for i in range(blocks):
        for kind, name in (("parallelGateway", f"split_{i}"), ("userTask", f"a_{i}"), ("userTask", f"b_{i}"),
                           ("userTask", f"c_{i}"), ("parallelGateway", f"join_{i}")):
            d.node(kind, name)
        for side in "abc":
            d.flow(f"split_{i}", f"{side}_{i}").flow(f"{side}_{i}", f"join_{i}")
        d.flow(before, f"split_{i}")
        before = f"join_{i}"
    return d.node("endEvent", "end").flow(before, "end").xml.decode()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "xml.empty"),
    "not xml": (lambda: b"\x89PNG\r\n", "xml.encoding"),
    "half a file": (lambda: PLAIN.encode()[:400], "xml.syntax"),
    "a web page": (lambda: b"<html><body>x</body></html>", "bpmn.root"),
    "external entity": (lambda: external("file:///etc/passwd").encode(), "xml.doctype"),
    "external address": (lambda: external("http://127.0.0.1:9/x").encode(), "xml.doctype"),
    "external definition": (lambda: f"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>{PLAIN}".encode(), "xml.doctype"),
    "lower case doctype": (lambda: f"<!doctype x>{PLAIN}".encode(), "xml.doctype"),
    "entity bomb": (lambda: bomb(9).encode(), "xml.doctype"),
    "quadratic bomb": (lambda: ("<!DOCTYPE x [<!ENTITY a '" + "a" * 50_000 + "'>]>"
                                + PLAIN.replace("審核人員", "&a;" * 2000)).encode(), "xml.doctype"),
    "utf-16": (lambda: PLAIN.encode("utf-16"), "xml.encoding"),
    "utf-16 without mark": (lambda: PLAIN.encode("utf-16-le"), "xml.encoding"),
    "utf-32": (lambda: PLAIN.encode("utf-32"), "xml.encoding"),
    "utf-7": (lambda: b"<?xml version='1.0' encoding='UTF-7'?>" + PLAIN.encode("utf-7"), "xml.encoding"),
    "ebcdic": (lambda: b"<?xml version='1.0' encoding='cp037'?>" + PLAIN.encode(), "xml.encoding"),
    "broken utf-8": (lambda: PLAIN.encode().replace("審".encode(), b"\xff\xfe"), "xml.encoding"),
    "50 MB": (lambda: PLAIN.encode() + b" " * 50_000_000, "xml.size"),
    "3 MB": (lambda: PLAIN.encode() + b" " * 3_000_000, "xml.size"),
    "too many elements": (lambda: PLAIN.replace("</process>", "<documentation/>" * 25_000 + "</process>").encode(),
                          "xml.elements"),
    "deep": (lambda: nested(150).encode(), "xml.depth"),
    "very deep": (lambda: nested(50_000).encode(), "xml.syntax"),
    "deep sub-processes": (lambda: sub_processes(40).encode(), "process.nesting"),
    "duplicate ids": (lambda: PLAIN.replace('id="end"', 'id="do_work"').encode(), "id.duplicate"),
    "an id with a quote": (lambda: PLAIN.replace('id="do_work"', "id=\"do'work\"").encode(), "id.syntax"),
    "too many steps": (lambda: chain(400).encode(), "process.size"),
    "parallel blocks in a row": (lambda: parallel_row(20).encode(), "parallel.row"),
    "a thousand flows": (lambda: many_flows(1000).encode(), "parallel.row"),
    "another language": (lambda: PLAIN.replace("20100524/MODEL", "20991231/MODEL").encode(), "bpmn.root"),
}


def answer(data: bytes) -> Report:
    started = time.monotonic()
    report = sandbox.check_foreign(data, "hostile.bpmn", KNOWN)
    assert time.monotonic() - started < 10
    return report


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused_with_its_rule(name: str) -> None:
    build, rule = REFUSED[name]

    report = answer(build())

    assert not report.runnable
    assert [finding.rule for finding in report.errors] == [rule]
    assert report.errors[0].file == "hostile.bpmn"
    assert any("\u4e00" <= sign <= "\u9fff" for sign in report.errors[0].message)


def looping_reference() -> str:
    inner = ('<startEvent id="b"/><dataObjectReference id="ref" dataObjectRef="nowhere"/><task id="t">'
             '<dataInputAssociation id="a"><sourceRef>ref</sourceRef></dataInputAssociation></task><endEvent id="x"/>'
             '<sequenceFlow id="f1" sourceRef="b" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="x"/>')
    return Drawing().line(("subProcess", "read_data", inner)).xml.decode()


ANSWERED: dict[str, Callable[[], str]] = {
    "looping data reference": looping_reference,
    "fifty flows": lambda: many_flows(50),
    "the longest allowed chain": lambda: chain(298),
    "python script": lambda: Drawing().line(
        ("scriptTask", "run_it", "<script>while True: pass</script>")).xml.decode(),
    "foreign script": lambda: Drawing().line(
        ("scriptTask", "run_it", "<script>java.lang.Runtime.getRuntime().exec('id')</script>")).xml.decode(),
    "conditions in python": lambda: many_flows(1).replace(
        'targetRef="end"/>', 'targetRef="end"><conditionExpression>().__class__.__base__</conditionExpression>'
                             "</sequenceFlow>"),
    "two gateways in a circle": lambda: PLAIN.replace("</process>", (
        '<exclusiveGateway id="g1"/><exclusiveGateway id="g2"/><sequenceFlow id="l1" sourceRef="g1" targetRef="g2"/>'
        '<sequenceFlow id="l2" sourceRef="g2" targetRef="g1"/></process>')),
    "not a number": lambda: PLAIN.replace("</process>", "</process><BPMNDiagram/>").replace(
        '<userTask id="do_work"', '<userTask startQuantity="NaN" id="do_work"'),
    "names with markup": lambda: PLAIN.replace("步驟 2", "&lt;script&gt;alert(1)&lt;/script&gt;"),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_strange_file_is_opened_and_every_change_is_said(name: str) -> None:
    report = answer(ANSWERED[name]().encode())

    assert report.opened
    assert report.runnable, report.findings


def test_no_file_of_the_machine_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret-word")

    report = answer(external(secret.as_uri()).encode())

    assert "the-secret-word" not in str(report.as_dict())


def test_a_child_that_does_not_end_becomes_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.01)

    assert [f.rule for f in answer(PLAIN.encode()).errors] == ["sandbox.time"]


def test_a_child_that_dies_becomes_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/bin/false")

    assert [f.rule for f in answer(PLAIN.encode()).errors] == ["sandbox.crash"]


def test_a_child_has_little_memory_and_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-pass-on")
    environment = sandbox._environment()

    assert "SECRET_KEY" not in environment
    assert sandbox.MEMORY_BYTES == 512 * 1024 * 1024


def test_a_package_is_checked_in_the_child_as_well() -> None:
    report, spec, manifest = sandbox.check_package({f"bpmn/{KEY}/{KEY}.bpmn": external("file:///etc/passwd").encode()},
                                                   KEY, KNOWN)

    assert [f.rule for f in report.errors] == ["xml.doctype"]
    assert (spec, manifest) == (None, None)
