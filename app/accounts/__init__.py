"""People, organisations, roles, passwords, and the one policy.

``doors`` where a password is typed, ``commands`` and ``resets`` for other writes, ``queries`` for
reads, ``policy`` for "may X do Y", ``sessions`` for what a cookie says.
"""
