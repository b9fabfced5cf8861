"""The same assembly on made-up physics: a runtime without containers, virtual time, faults, checkers.

In: rules and seeds. Out: other implementations of the ports of the real machine. The next door is `runtime`.
"""
