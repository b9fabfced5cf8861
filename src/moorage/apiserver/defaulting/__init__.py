"""Defaults that several kinds share: pod specs, volumes, claims.

In: decoded documents and parts of them, changed in place. Out: what upstream stores. Source: fact sheet apiserver.md 5.9 and
recorded answers in tests/fixtures/golden/defaults.jsonl. `apiserver.kinds` calls these.
"""
