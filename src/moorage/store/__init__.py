"""The API server's private cellar: single-key writes, one revision each, durable before the answer.

In: keys and bytes. Out: records, pages, watches. Contract in `store.ports`; backends behind it pass one suite.
Only `apiserver`, `assembly` and `sim` may open this door.
"""
