"""Why something is not further: documents in, an `Explanation` out. Pure; knows neither server nor controllers.

In: API objects, and the plans a ledger remembers where there is one. Out: gates, culprits, what opens them.
The API server serves it, `moor why` prints it; from objects alone it explains any Kubernetes.
"""
