"""The four ways to change an object by a patch, one module each.

In: a document and a parsed patch. Out: a new document; the given ones stay as they are. `json` is RFC 6902, `merge`
RFC 7386, `strategic` and `apply` are Kubernetes' own and need the type table of the kind. Next room:
`api.decode.convert`, then `apiserver`.
"""
