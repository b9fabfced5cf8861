"""Service traffic of one machine: what is sent to a Service's address arrives at one of its pods.

In: Services and EndpointSlices of the shared caches. Out: an nftables ruleset, replaced as a whole with each change.
`balance` says who answers where, `ruleset` writes it down, `loop` keeps the kernel in step.
"""
