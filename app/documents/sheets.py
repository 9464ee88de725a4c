"""A document's HTML from its template. Templates come from packages, which staff edit: they run in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import DefinitionError


def fill(source: str, context: Mapping[str, object], *, file: str = "") -> str:
    """The template with its values, escaped. Raises DefinitionError when it names something unknown."""
    try:
        return _environment().from_string(source).render(context)
    except (TemplateError, SecurityError) as error:
        line = getattr(error, "lineno", None)
        raise DefinitionError(f"文件範本無法套用：{error}", file=file, element=f"第 {line} 行" if line else None,
                              rule="document-template") from error


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
