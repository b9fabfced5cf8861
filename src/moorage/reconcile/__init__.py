"""The engine every controller runs on: keys in, snapshot, decide, apply, again.

In: `Controller` values (data and pure functions). Out: writes through the API, and a ledger that says why.
"""
