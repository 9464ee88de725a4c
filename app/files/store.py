"""Bytes by the name of their SHA-256, each content once, in a two-level folder tree.

A file appears whole or not at all: it is written aside, flushed to disk and renamed. Reading
compares the content with its name, so that a damaged disk is noticed before a person is misled.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.errors import AppError, NotFound

_SHA = re.compile(r"[0-9a-f]{64}")


class DamagedFile(AppError):
    """The bytes are not those that were stored."""

    code = "file.damaged"
    message = "檔案內容與存入時不符，已停止下載，請通知系統管理者。"


@dataclass(frozen=True, slots=True)
class FileStore:
    """``root`` is made on first use; folders 0700, files 0600."""

    root: Path

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256 (hex). The same bytes again cost one comparison."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self._path(sha256)
        if not (target.is_file() and _sha256(target.read_bytes()) == sha256):
            self._write(target, data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes. Raises NotFound, DamagedFile."""
        try:
            data = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound("檔案已不存在。", code="file.missing", sha256=sha256) from None
        if _sha256(data) != sha256:
            raise DamagedFile(sha256=sha256)
        return data

    def open(self, sha256: str) -> BinaryIO:
        """The checked bytes as a stream. Raises NotFound, DamagedFile."""
        return io.BytesIO(self.read(sha256))

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def _path(self, sha256: str) -> Path:
        if not _SHA.fullmatch(sha256):
            raise NotFound("檔案已不存在。", code="file.missing")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, half = tempfile.mkstemp(prefix=".half-", dir=target.parent)     # made with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, target)
        except BaseException:
            Path(half).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
