"""The only room that constructs: settings, keys, start order, processes, shutdown.

In: command-line choices as `Settings`. Out: a running control plane, running node agents. `cli` and `sim` call it.
"""
