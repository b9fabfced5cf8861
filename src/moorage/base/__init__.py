"""What every room may use: ports for clock, ids and chance, errors, limits, tasks, logging, metrics.

In: nothing. Out: small values and functions. The next room up is `api`.
"""
