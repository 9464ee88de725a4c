"""Rows of files. Bytes go to the store first, so that a row never names bytes that are not there."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, outbox
from app.actor import Actor
from app.audit.tags import Tag
from app.errors import NotFound
from app.extensions import Work
from app.files.models import StoredFile
from app.files.names import clean_name
from app.files.store import FileStore

_store: FileStore | None = None


def use_store(store: FileStore) -> None:
    """Choose where this process keeps files; ``create_app`` does so once."""
    global _store
    _store = store


def add(session: Session, *, key: str, data: bytes, name: str, mime: str, kind: str, by: Actor,  # noqa: PLR0913 - a row
        now: datetime, instance_id: int | None = None, party: str | None = None,
        store: FileStore | None = None) -> StoredFile:
    """Keep a file and its row; the same key again is the first row, and then the new bytes are not used.

    kind    receipt, upload …      party   whose side may read it, None = the office only
    store   the one chosen by ``use_store`` when not given
    Writes  audit ``file:added``
    """
    row, is_new = outbox.insert_once(session, StoredFile, {
        "key": key, "instance_id": instance_id, "party": party, "kind": kind, "name": clean_name(name), "mime": mime,
        "size": len(data), "sha256": _chosen(store).put(data), "created_at": now, "created_by": by.name[:80]})
    if is_new:
        audit.record(session, Tag.FILE_ADDED, f"file:{row.id}", actor=by, now=now,
                     after={"kind": kind, "name": row.name, "size": row.size, "sha256": row.sha256})
    return row


def get_file(session: Session, file_id: int) -> StoredFile:
    """Raises NotFound. Whether the actor may have it, policy answers (``file.view``)."""
    row = session.get(StoredFile, file_id)
    if row is None:
        raise NotFound(file_id=file_id)
    return row


def find_file(session: Session, key: str) -> StoredFile | None:
    return session.scalars(select(StoredFile).where(StoredFile.key == key)).one_or_none()


def list_files(session: Session, instance_id: int, *, party: str | None = None) -> list[StoredFile]:
    """A case's files, oldest first; with ``party`` only those that side may read."""
    query = select(StoredFile).where(StoredFile.instance_id == instance_id).order_by(StoredFile.id)
    return list(session.scalars(query if party is None else query.where(StoredFile.party == party)))


def read_file(row: StoredFile, *, store: FileStore | None = None) -> bytes:
    """The bytes of a row, for our own use. Raises NotFound, DamagedFile."""
    return _chosen(store).read(row.sha256)


def open_file(work: Work, row: StoredFile, *, store: FileStore | None = None) -> BinaryIO:
    """The bytes for a person, as a stream; the reading is recorded (audit ``file:read``). Raises NotFound, DamagedFile."""
    stream = _chosen(store).open(row.sha256)
    audit.record(work, Tag.FILE_READ, f"file:{row.id}")
    return stream


def _chosen(store: FileStore | None) -> FileStore:
    chosen = store or _store
    if chosen is None:
        raise RuntimeError("create_app must call files.use_store(FileStore(config.files_dir))")
    return chosen
