"""People, organisations, roles, passwords, and the one policy.

``commands`` writes, ``queries`` reads, ``policy`` answers "may X do Y", ``roles`` and ``passwords``
hold the words and the rule.
"""
