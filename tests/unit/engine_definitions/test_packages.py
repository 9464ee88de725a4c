"""Publishing: refused or immutable, same content same version, pinned and restored once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.actor import SYSTEM
from app.engine import catalogue, packages, sandbox
from app.errors import DefinitionError, NotFound, Stale
from app.extensions import db, unit_of_work
from tests.unit.engine.test_races import together
from tests.unit.engine_definitions.drawing import FORM, KEY, Drawing

Uow = Callable[..., Any]
DIAGRAM, FORM_FILE, MAIL = f"bpmn/{KEY}/{KEY}.bpmn", f"forms/{KEY}/form.form", f"templates/mail/{KEY}/note.txt"


def files(**changes: bytes) -> dict[str, bytes]:
    drawing = Drawing().line(("userTask", "review_case", FORM))
    return {DIAGRAM: drawing.xml, FORM_FILE: b"{}", MAIL: "主旨：測試".encode()} | changes


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    packages.forget()
    yield
    packages.forget()


def test_publishing_makes_version_one_and_the_manifest_tells_what_is_in_it(uow: Uow) -> None:
    with uow() as u:
        version = packages.deploy(u, files())

    package = packages.get(db.session(), version.id)
    assert (version.key, version.version, version.title, version.is_active) == (KEY, 1, "示範", True)
    assert package.manifest["start"] == "start"
    assert package.manifest["lanes"] == {"審核人員": "reviewer"}
    assert package.manifest["forms"] == {"demo_case/form": FORM_FILE}
    node = package.node("review_case")
    assert (node["type"], node["role"], node["parent"]) == ("userTask", "reviewer", KEY)
    assert (node["incoming"], node["outgoing"]) == (["start_to_review_case"], ["review_case_to_end"])
    assert node["properties"]["formKey"] == "demo_case/form"
    assert package.flows["review_case_to_end"] == {"from": "review_case", "to": "end", "name": "是"}
    assert package.diagram == files()[DIAGRAM]


def test_the_same_content_is_the_same_version(uow: Uow) -> None:
    with uow() as u:
        first = packages.deploy(u, files())
    with uow() as u:
        second = packages.deploy(u, dict(reversed(files().items())))

    assert second.id == first.id


@pytest.mark.both_databases
def test_publications_at_one_moment_leave_one_active_version(ctx: AppContext, app: Flask) -> None:
    for round_ in ("first", "second"):
        contents = [files(**{MAIL: f"{round_} {index}".encode()}) for index in range(3)]
        for content in contents:
            packages.check(content)                     # what the check costs is not the race

        def deploy(index: int, contents: list[dict[str, bytes]] = contents) -> int:
            with unit_of_work(SYSTEM) as u:
                return packages.deploy(u, contents[index]).id

        answers = together(app, 3, deploy)

        assert any(isinstance(answer, int) for answer in answers), answers
        assert all(isinstance(answer, int | Stale) for answer in answers), answers
        assert round_ == "first" or not any(isinstance(answer, Stale) for answer in answers)
        db.session.rollback()
        assert sum(version.is_active for version in packages.list_versions(db.session(), KEY)) == 1


def test_a_change_makes_a_new_version_and_the_old_one_stays_as_it_was(uow: Uow) -> None:
    with uow() as u:
        first = packages.deploy(u, files())
    with uow() as u:
        second = packages.deploy(u, files(**{MAIL: "主旨：新的".encode()}))

    assert (second.version, packages.active(db.session(), KEY).id) == (2, second.id)
    assert packages.file(db.session(), first.id, MAIL) == "主旨：測試".encode()
    assert packages.get(db.session(), first.id).file(MAIL) != packages.get(db.session(), second.id).file(MAIL)


def test_an_older_content_published_again_becomes_the_active_version(uow: Uow) -> None:
    with uow() as u:
        first = packages.deploy(u, files())
        packages.deploy(u, files(**{MAIL: b"new"}))
    with uow() as u:
        packages.deploy(u, files())

    assert packages.active(db.session(), KEY).id == first.id
    assert [v.is_active for v in packages.list_versions(db.session(), KEY)] == [False, True]


def test_a_diagram_with_errors_is_refused_and_nothing_is_stored(uow: Uow) -> None:
    broken = Drawing().line(("userTask", "review_case", ""), ("scriptTask", "run_it", "<script>import os</script>"))

    with pytest.raises(DefinitionError) as refused, uow() as u:
        packages.deploy(u, files(**{DIAGRAM: broken.xml}))

    assert (refused.value.file, refused.value.element, refused.value.rule) == (DIAGRAM, "run_it", "task.script")
    assert "另有 1 項錯誤" in refused.value.message
    assert packages.list_versions(db.session()) == []


def test_a_faulty_form_is_refused_with_its_file(uow: Uow) -> None:
    def checker(content: bytes, file: str) -> list[str]:
        raise DefinitionError("表單壞了。", file=file, element="amount", rule="form.broken")

    report = packages.check(files(), forms_checker=checker)

    assert not report.runnable
    assert [(f.file, f.element, f.rule) for f in report.errors] == [(FORM_FILE, "amount", "form.broken")]


def test_a_package_without_its_diagram_is_refused() -> None:
    assert [f.rule for f in packages.check({FORM_FILE: b"{}"}).errors] == ["package.diagram"]


def test_a_version_is_restored_once_and_shared(uow: Uow) -> None:
    with uow() as u:
        version = packages.deploy(u, files())
        inside = packages.get(u.session, version.id)

    assert packages.get(db.session(), version.id) is packages.get(db.session(), version.id)
    assert packages.get(db.session(), version.id) is not inside            # not yet committed then: not kept


def test_a_version_that_was_rolled_back_is_not_remembered(uow: Uow) -> None:
    with pytest.raises(RuntimeError), uow() as u:
        lost = packages.deploy(u, files())
        packages.get(u.session, lost.id)
        raise RuntimeError
    with uow() as u:
        kept = packages.deploy(u, files(**{MAIL: b"other"}))

    assert packages.get(db.session(), kept.id).file(MAIL) == b"other"


def test_checking_the_same_content_twice_asks_one_child(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = sandbox.check_package
    monkeypatch.setattr(sandbox, "check_package", lambda *args: asked.append(1) or real(*args))
    packages.check(files())
    packages.check(files())

    assert len(asked) == 1


def test_unknown_versions_nodes_and_files_are_not_found(uow: Uow) -> None:
    with uow() as u:
        version = packages.deploy(u, files())
    package = packages.get(db.session(), version.id)

    for ask in (lambda: packages.active(db.session(), "none"), lambda: packages.get(db.session(), 999),
                lambda: packages.find_version(db.session(), KEY, 9), lambda: package.node("none"),
                lambda: package.file("none"), lambda: packages.file(db.session(), version.id, "none")):
        with pytest.raises(NotFound):
            ask()


def test_export_writes_the_files_byte_for_byte(uow: Uow, tmp_path: Path) -> None:
    with uow() as u:
        version = packages.deploy(u, files())
    packages.export(db.session(), version.id, tmp_path)

    assert packages.read_folder(tmp_path, KEY) == files()
    assert packages.keys(tmp_path) == [KEY]


def test_export_never_leaves_its_folder(uow: Uow, tmp_path: Path) -> None:
    with uow() as u:
        version = packages.deploy(u, files(**{"../outside.txt": b"x"}))

    with pytest.raises(DefinitionError):
        packages.export(db.session(), version.id, tmp_path)
    assert not (tmp_path.parent / "outside.txt").exists()


def test_the_shipped_packages_are_published_without_a_finding(ctx: AppContext, uow: Uow) -> None:
    import app.operations
    from app import forms
    from app.accounts.roles import LANES
    from app.config import ROOT

    assert app.operations and catalogue.operations()
    with uow() as u:
        published = packages.deploy_all(u, ROOT, forms_checker=forms.field_keys, roles=LANES)

    assert published
    assert [version.report for version in published] == [[] for _version in published]
