"""Decision tables: ``dmn.load(xml)`` gives the decisions of a file, ``decision.decide(context)`` answers."""

from app.rules.dmn.check import Finding, check
from app.rules.dmn.load import load
from app.rules.dmn.model import Decision, DecisionError, Input, Outcome, Output, Rule

__all__ = ["Decision", "DecisionError", "Finding", "Input", "Outcome", "Output", "Rule", "check", "load"]
