"""Reading a form-js schema (version 19) and refusing, by name, what it cannot mean."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from app.errors import AppError, DefinitionError
from app.forms.logic import Program, compile_feel, holes
from app.forms.model import CHOICES, ENTERED, MANY, TEXTS, Choices, Component, FormSchema, Option, Scalar
from app.forms.reading import Fault, flag, read_limits, text, words
from app.forms.rules import RULES, VALIDATION_TYPES, Rule

MAX_BYTES, MAX_COMPONENTS, MAX_DEPTH = 512 * 1024, 500, 8
SCHEMA_VERSION = 19
_SHOWN = frozenset({"group", "text", "separator", "spacer", "expression", "table"})
_IGNORED = frozenset({"button"})
_LATER = frozenset({"filepicker", "dynamiclist", "documentPreview", "image"})
_REFUSED = {"html": "表單不接受 HTML 元件，請改用「文字」元件", "iframe": "表單不接受 iframe，外部網頁不能放進表單"}
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
#: Names that the pages around a form use themselves, and the result of a review.
RESERVED = frozenset({"marks", "subject", "previous", "now", "today", "this", "parent", "csrf_token", "expected", "version",
                      "command_key", "submission_key", "key", "digest", "action", "do", "intent"})


@lru_cache(maxsize=256)
def load(content: bytes, file: str = "") -> FormSchema:
    """The schema of a ``.form`` file; the same content is read once.

    Raises   DefinitionError(file, element, rule): element is the component's key or id
    """
    return _Reader(file).form(_parse(content, file))


def _parse(content: bytes, file: str) -> Mapping[str, object]:
    if len(content) > MAX_BYTES:
        raise DefinitionError(f"表單「{file}」超過 {MAX_BYTES // 1024} KB", file=file, rule="form.size")
    try:
        root = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"表單「{file}」不是正確的 JSON", file=file, rule="form.json") from error
    if not isinstance(root, dict) or not isinstance(root.get("components"), list):
        raise DefinitionError(f"表單「{file}」沒有 components", file=file, rule="form.json")
    return root


class _Reader:
    """Reads one file; remembers its keys and ids, so that none appears twice."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.keys: set[str] = set()
        self.ids: set[str] = set()
        self.element = ""

    def form(self, root: Mapping[str, object]) -> FormSchema:
        try:
            version = root.get("schemaVersion", SCHEMA_VERSION)
            if not isinstance(version, int) or version > SCHEMA_VERSION:
                raise Fault("form.version", f"schemaVersion 須為 {SCHEMA_VERSION} 以下")
            self.element = text(root.get("id"))
            properties = words(root.get("properties"))
            schema = FormSchema(id=self.element, title=properties.get("title", ""), file=self.file,
                                components=self.components(root["components"], "", 0), properties=properties)
            self.check_rules(schema)
            return schema
        except Fault as fault:
            raise self.error(fault.rule, str(fault)) from fault
        except DefinitionError:
            raise
        except AppError as error:
            raise self.error("form.feel", f"運算式有誤：{error.message}") from error

    def error(self, rule: str, message: str) -> DefinitionError:
        where = f"的「{self.element}」" if self.element else ""
        return DefinitionError(f"表單「{self.file}」{where}：{message}", file=self.file, element=self.element or None, rule=rule)

    def components(self, items: object, section: str, depth: int) -> tuple[Component, ...]:
        if not isinstance(items, list) or depth > MAX_DEPTH:
            raise Fault("form.json", "components 須為清單，且不可巢狀過深")
        found = [self.component(item, section, depth) for item in items]
        return tuple(c for c in found if c is not None)

    def component(self, item: object, section: str, depth: int) -> Component | None:
        if not isinstance(item, dict):
            raise Fault("form.json", "元件須為物件")
        kind, key, id_ = text(item.get("type")), text(item.get("key")), text(item.get("id"))
        self.element = key or id_ or kind
        self.check_kind(kind)
        self.check_id(id_)
        if kind in _IGNORED:
            return None
        properties = words(item.get("properties"))
        section = properties.get("section") or (text(item.get("label")) if kind == "group" else "") or section
        label = text(item.get("label")) or text(item.get("dateLabel")) or text(item.get("timeLabel"))
        conditional = item.get("conditional")
        hide = text(conditional.get("hide")) if isinstance(conditional, dict) else ""
        readonly = item.get("readonly", False)
        return Component(
            type=kind, id=id_, key=self.check_key(kind, key), label=label, hint=text(item.get("description")),
            section=section, properties=properties, raw=item, limits=read_limits(item, properties),
            choices=self.choices(kind, item), rules=self.rules(kind, item, properties),
            hide=compile_feel(hide) if hide else None, hide_source=hide,
            readonly=compile_feel(readonly) if isinstance(readonly, str) and readonly else flag(readonly),
            disabled=flag(item.get("disabled")), default=item.get("defaultValue"),
            expression=self.expression(kind, item),
            children=self.components(item.get("components", []), section, depth + 1) if kind == "group" else ())

    def check_kind(self, kind: str) -> None:
        if kind in _REFUSED:
            raise Fault("form.unsafe", _REFUSED[kind])
        if kind in _LATER:
            raise Fault("form.unsupported", f"尚未支援 {kind} 元件")
        if kind not in ENTERED | _SHOWN | _IGNORED:
            raise Fault("form.type", f"沒有「{kind}」這種元件")

    def check_id(self, id_: str) -> None:
        if not id_ or id_ in self.ids:
            raise Fault("form.id", "元件須有 id，且不可重複")
        self.ids.add(id_)
        if len(self.ids) > MAX_COMPONENTS:
            raise Fault("form.size", f"元件超過 {MAX_COMPONENTS} 個")

    def check_key(self, kind: str, key: str) -> str:
        if kind not in ENTERED | {"expression"}:
            return ""
        if not _KEY.fullmatch(key) or "__" in key or key in RESERVED:
            raise Fault("form.key", "欄位代碼須以英文字母開頭，只用英數字與底線，且不可使用保留字")
        if key in self.keys:
            raise Fault("form.duplicate", "欄位代碼重複")
        self.keys.add(key)
        return key

    def expression(self, kind: str, item: Mapping[str, object]) -> Program | None:
        """FEEL of a computed field or a table; the holes of a text are compiled too, so that they are right."""
        if kind == "group" and text(item.get("path")):
            raise Fault("form.unsupported", "尚未支援群組的 path")
        if kind == "text":
            for hole in holes(text(item.get("text"))):
                compile_feel(hole)
        if kind == "table" and not isinstance(item.get("columns"), list):
            raise Fault("form.unsupported", "尚未支援由運算式決定欄位的表格")
        source = text(item.get({"expression": "expression", "table": "dataSource"}.get(kind, "")))
        if kind in {"expression", "table"} and not source:
            raise Fault("form.feel", "沒有運算式")
        return compile_feel(source) if source else None

    def choices(self, kind: str, item: Mapping[str, object]) -> Choices:
        if kind not in CHOICES | MANY:
            return Choices()
        if source := text(item.get("valuesExpression")):
            return Choices(program=compile_feel(source))
        if key := text(item.get("valuesKey")):
            return Choices(key=key)
        options = read_options(item.get("values"))
        if not options or len({o.key for o in options}) < len(options):
            raise Fault("form.options", "選項不可空白，值不可重複")
        return Choices(options)

    def rules(self, kind: str, item: Mapping[str, object], properties: Mapping[str, str]) -> tuple[Rule, ...]:
        validate = item.get("validate")
        typed = text(validate.get("validationType")) if isinstance(validate, dict) else ""
        found = [VALIDATION_TYPES[typed]] if typed in VALIDATION_TYPES and kind in TEXTS else []
        for name in filter(None, (part.strip() for part in properties.get("rule", "").split(","))):
            if name not in RULES:
                raise Fault("form.rule", f"沒有名為「{name}」的檢查規則")
            found.append(RULES[name])
        if found and kind not in TEXTS | CHOICES:
            raise Fault("form.rule", "檢查規則只能用在文字、單選與下拉欄位")
        return tuple(found)

    def check_rules(self, schema: FormSchema) -> None:
        for field in schema.fields():
            if any(rule.name == "marks_agree" for rule in field.rules) and not schema.review_of:
                self.element = field.key
                raise Fault("form.review", "marks_agree 只能用在含有 reviewOf 群組的審核表")


def read_options(items: object) -> tuple[Option, ...]:
    """Options as form-js writes them: objects with value and label, or bare scalars."""
    found = []
    for item in items if isinstance(items, list) else []:
        value = item.get("value") if isinstance(item, dict) else item
        label = item.get("label") if isinstance(item, dict) else None
        if isinstance(value, Scalar) and value != "":
            found.append(Option(value, label if isinstance(label, str) and label else str(value)))
    return tuple(found)
