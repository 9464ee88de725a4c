"""The store, its rows, and file names."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import audit, files
from app.actor import Actor
from app.errors import NotFound
from app.extensions import db
from app.files import FileStore, clean_name, download_name
from app.files.store import DamagedFile
from tests.factories import NOW

PDF = b"%PDF-1.7 receipt"
CLERK = Actor(3, "陳冠宇", frozenset({"reviewer"}))


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


def kept_files(store):
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_same_bytes_are_kept_once_and_for_the_owner_only(store):
    sha256 = store.put(PDF)

    assert store.put(PDF) == sha256 and store.open(sha256).read() == PDF and store.has(sha256)
    path = store.root / sha256[:2] / sha256[2:4] / sha256
    assert kept_files(store) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_empty_file_is_a_file(store):
    assert store.read(store.put(b"")) == b""


def test_damaged_file_is_not_given_out_and_is_mended_by_the_same_bytes(store):
    sha256 = store.put(PDF)
    kept_files(store)[0].write_bytes(b"%PDF-1.7 forged")

    with pytest.raises(DamagedFile):
        store.open(sha256)
    store.put(PDF)
    assert store.read(sha256) == PDF


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_unknown_and_impossible_names_are_not_found(store, name):
    with pytest.raises(NotFound):
        store.read(name)


def test_interrupted_write_leaves_nothing(store, monkeypatch):
    def no_space(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr("app.files.store.os.fsync", no_space)
    with pytest.raises(OSError, match="no space"):
        store.put(PDF)

    assert kept_files(store) == []


def test_rival_writers_of_the_same_bytes(store):
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _n: store.put(PDF * 1000), range(32)))

    assert len(names) == 1 and len(kept_files(store)) == 1


@pytest.fixture
def add(uow, config):
    files.use_store(FileStore(config.files_dir))

    def run(key="receipt:1", **changes):
        values = {"data": PDF, "name": "註冊資料.pdf", "mime": "application/pdf", "kind": "receipt", "instance_id": 41,
                  "party": "org:1", "by": CLERK, "now": NOW}
        with uow(now=NOW) as work:
            return files.add(work.session, key=key, **{**values, **changes})
    return run


def test_row_and_bytes(add, config):
    row = add()

    assert (row.name, row.size, row.party, row.created_by) == ("註冊資料.pdf", len(PDF), "org:1", "陳冠宇")
    assert files.read_file(row) == PDF and FileStore(config.files_dir).has(row.sha256)
    assert files.get_file(db.session(), row.id) is files.find_file(db.session(), "receipt:1")


def test_same_key_twice_is_the_first_row(add):
    assert add().id == add(data=b"%PDF-1.7 made again").id
    assert files.read_file(add()) == PDF
    assert len(audit.list_events(db.session(), action="file:added")) == 1


def test_files_of_a_case_by_side(add):
    mine, office, other = add("a"), add("b", party=None), add("c", party="org:2")
    add("d", instance_id=42)

    assert [row.id for row in files.list_files(db.session(), 41)] == [mine.id, office.id, other.id]
    assert [row.id for row in files.list_files(db.session(), 41, party="org:1")] == [mine.id]


def test_reading_is_recorded(add, uow):
    row = add()
    with uow(CLERK, now=NOW) as work:
        assert files.open_file(work, row).read() == PDF

    event = audit.list_events(db.session(), action="file:read")[0]
    assert (event.actor, event.subject) == ("陳冠宇", f"file:{row.id}")


def test_unknown_row_is_not_found(ctx):
    assert files.find_file(db.session(), "unknown") is None
    with pytest.raises(NotFound):
        files.get_file(db.session(), 404)


@pytest.mark.parametrize(("given", "kept"), [
    ("授權書.pdf", "授權書.pdf"), ("C:\\temp\\a.pdf", "a.pdf"), ("../../etc/passwd", "passwd"), ("a\x00b\r\n.pdf", "ab.pdf"),
    ("請款\u202efdp.exe", "請款fdp.exe"), ('a<b>:"c|?*.pdf', "a_b_c_.pdf"), ("  .hidden. ", "hidden"), ("CON.pdf", "_CON.pdf"),
    ("...", "檔案"), ("", "檔案"), ("a   b.pdf", "a b.pdf"), ("e\u0301.pdf", "é.pdf")])
def test_clean_name(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize("given", ["長" * 300 + ".pdf", "長" * 300, "a." + "x" * 300])
def test_long_names_are_cut(given):
    assert len(clean_name(given)) <= 120
    assert clean_name(given).endswith(".pdf") or not given.endswith(".pdf")


@pytest.mark.parametrize(("name", "mime", "prefix", "made"), [
    ("註冊資料.pdf", "application/pdf", "R-1151121-001", "R-1151121-001_註冊資料.pdf"),
    ("page.html", "application/pdf", "", "page.pdf"), ("說明", "text/plain", "", "說明.txt"),
    ("evil.exe", "application/x-msdownload", "", "evil.bin"),
    ("v1.2 說明書內容很長的名稱", "application/pdf", "", "v1.2 說明書內容很長的名稱.pdf")])
def test_download_name_follows_the_stored_type(name, mime, prefix, made):
    assert download_name(name, mime, prefix=prefix) == made
