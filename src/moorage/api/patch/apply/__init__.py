"""Server-side apply: who owns which field, and merging what several owners want.

In: documents, type tables, who writes. Out: new documents and their managedFields. `fieldset` is the set of paths,
`typed` the walks over documents that make and use such sets, `managers` the bookkeeping of every write, `merge` the
apply patch itself.
Rules: kubernetes.io, "Server-Side Apply"; fact sheet apiserver.md 5.6; recorded answers in tests/fixtures/golden/apply.jsonl.
"""
