"""The language every other room speaks: references, metadata, labels, quantities, patches, schemas, views.

In: documents (plain JSON dicts). Out: values and new documents. Pure: no clock, no input, no output.
The next rooms up are `client` and `store`.
"""
