"""The laws of the system, one file each, checked at every step of a simulated run.

In: what was written, answered and started. Out: violations. `panel` runs them; docs/simulation.md lists them.
"""
