"""The house in the states that tests begin with."""

from tests.web.house_fixtures import approved, config, correcting, house, registered, stages, task, vendor

__all__ = ["approved", "config", "correcting", "house", "registered", "stages", "task", "vendor"]
