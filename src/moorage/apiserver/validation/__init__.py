"""Validators that several kinds share: each takes a value and its path, and returns upstream's errors in upstream's order.

In: defaulted documents and parts of them. Out: lists of `strategy.FieldError`. `apiserver.kinds` puts them together;
`validation.errors` turns them into text.
"""
