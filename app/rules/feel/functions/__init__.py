"""The standard functions of FEEL and our own for working days. Importing this package fills the registry."""

from app.rules.feel.functions import (  # noqa: F401
    contexts,
    dates,
    intervals,
    lists,
    logic,
    numbers,
    statistics,
    strings,
    workdays,
)
from app.rules.feel.functions.registry import ASKING, FUNCTIONS, arranged, caller, function_here, function_names

__all__ = ["ASKING", "FUNCTIONS", "arranged", "caller", "function_here", "function_names"]
