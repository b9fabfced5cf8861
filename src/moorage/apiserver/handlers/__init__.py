"""One file a verb: from a routed request to an answer.

In: `call.Call` and `call.Services`. Out: `answers.Answer`. `core` picks the handler by verb.
"""
