"""FEEL, the expression language of gateways, timers, parameters, tables, forms and texts.

An own, bounded interpreter: numbers are Decimals of 34 digits, logic has three values, names may be Chinese, and there
is no way from an expression to Python. Other rooms use this module only::

    feel.evaluate("金額 > 1000000 and 級別 = \"公開\"", {"金額": 1200000, "級別": "公開"})   # True
"""

from app.rules.errors import FeelError, FeelLimit, FeelSyntaxError
from app.rules.feel.functions import function_names
from app.rules.feel.program import Program, as_bool, compile_tests, evaluate, unary
from app.rules.feel.program import compile_expression as compile
from app.rules.feel.script import script
from app.rules.feel.template import template
from app.rules.feel.text import plain
from app.rules.feel.values import Function, Range, Value, YearMonth

__all__ = [
    "FeelError", "FeelLimit", "FeelSyntaxError", "Function", "Program", "Range", "Value", "YearMonth", "as_bool",
    "compile", "compile_tests", "evaluate", "function_names", "plain", "script", "template", "unary",
]
