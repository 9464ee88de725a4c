"""Reading XML that somebody else wrote: no entities, no network, no surprises of size or encoding."""

from __future__ import annotations

import re

from lxml import etree

from app.errors import DefinitionError

MAX_BYTES = 2_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 100
MAX_MESSAGE = 200
UTF8 = frozenset(("utf-8", "us-ascii", "ascii", "utf8"))
LATIN = frozenset(("iso-8859-1", "iso-8859-15", "windows-1252"))       # written by several older modellers

_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"+/v")


def parse(data: bytes, file: str = "") -> etree._Element:
    """The root element of a harmless XML document.

    data    at most 2 MB, UTF-8 (or declared Latin-1)
    Raises  DefinitionError (rules ``xml.*``), always, whatever the bytes are
    """
    _check_bytes(data, file)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                             huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _refuse(file, "xml.syntax", f"不是完整的 XML：{_brief(error)}") from None
    _check_tree(root, file)
    return root


def _check_bytes(data: bytes, file: str) -> None:
    if not data.strip():
        raise _refuse(file, "xml.empty", "檔案是空的。")
    if len(data) > MAX_BYTES:
        raise _refuse(file, "xml.size", f"檔案有 {len(data):,} 位元組，超過上限 {MAX_BYTES:,}。")
    if data.startswith(_BYTE_ORDER_MARKS) or b"\x00" in data[:1000]:
        raise _refuse(file, "xml.encoding", "請將檔案存成 UTF-8（不接受 UTF-16、UTF-32、UTF-7）。")
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    if encoding not in UTF8 | LATIN:
        raise _refuse(file, "xml.encoding", f"檔案宣告的編碼是 {encoding}，請存成 UTF-8。")
    if encoding in UTF8 and not _is_utf8(data):
        raise _refuse(file, "xml.encoding", "檔案內有不是 UTF-8 的文字，請存成 UTF-8。")
    upper = data.upper()
    if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
        raise _refuse(file, "xml.doctype", "檔案含有 DOCTYPE 或 ENTITY 宣告（可用來讀取主機上的檔案），請移除後再上傳。")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check_tree(root: etree._Element, file: str) -> None:
    for count, element in enumerate(root.iter(), 1):
        if count > MAX_ELEMENTS:
            raise _refuse(file, "xml.elements", f"檔案超過 {MAX_ELEMENTS:,} 個元素，請拆成數個流程。")
        if not isinstance(element.tag, str):
            raise _refuse(file, "xml.entity", "檔案含有實體參照，請改寫成一般文字。")
    depth = _depth(root)
    if depth > MAX_DEPTH:
        raise _refuse(file, "xml.depth", f"元素層層包了 {depth} 層，超過上限 {MAX_DEPTH} 層。")


def _depth(root: etree._Element) -> int:
    deepest, level = 0, 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:MAX_MESSAGE]


def _refuse(file: str, rule: str, message: str) -> DefinitionError:
    return DefinitionError(message, file=file, element=None, rule=rule)
