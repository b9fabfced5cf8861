"""How everyone talks to the API, over HTTPS or within the process: same verbs, same answers.

In: a resource, a key, a document or patch. Out: documents, lists, watch events, `ApiError`.
"""
