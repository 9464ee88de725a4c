"""The files of a procedure: everything named after its key.

``bpmn/<key>/<key>.bpmn``, ``forms/<key>/*.form``, ``rules/<key>/*.dmn``, ``templates/mail/<key>/*.txt``,
``templates/pdf/<key>/*.html``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from app.errors import DefinitionError

FOLDERS = (("bpmn", (".bpmn",)), ("forms", (".form",)), ("rules", (".dmn",)),
           ("templates/mail", (".txt",)), ("templates/pdf", (".html", ".css")))


def keys(root: Path) -> list[str]:
    """Keys of the packages in a repository folder."""
    return sorted(path.parent.name for path in (root / "bpmn").glob("*/*.bpmn") if path.stem == path.parent.name)


def read_folder(root: Path, key: str) -> dict[str, bytes]:
    """The files of a package, path as in the repository → content."""
    found: dict[str, bytes] = {}
    for folder, suffixes in FOLDERS:
        for path in sorted((root / folder / key).glob("*")):
            if path.is_file() and path.suffix in suffixes:
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, in order of names."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{len(files[path])}\0".encode() + files[path])
    return total.hexdigest()


def key_of(files: Mapping[str, bytes]) -> str:
    """The package's key, from its diagram's path. Raises DefinitionError."""
    for path in sorted(files):
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "bpmn" and parts[2] == f"{parts[1]}.bpmn":
            return parts[1]
    raise DefinitionError("缺少流程圖 bpmn/<key>/<key>.bpmn。", rule="package.diagram")


def form_key(path: str) -> str:
    """``forms/vendor_registration/review.form`` → ``vendor_registration/review``."""
    parts = PurePosixPath(path).with_suffix("").parts
    return "/".join(parts[1:])
