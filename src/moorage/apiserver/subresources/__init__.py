"""What hangs below an object, and the kinds that are asked but never stored. One file each.

In: `call.Call` and `call.Services`. Out: `answers.Answer`. `core` picks the handler by (plural, subresource) and verb.
"""
