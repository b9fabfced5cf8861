"""What a change would do: the real controllers on a copy of the cluster, in virtual time.

In: manifests and the live objects. Out: a `Foresight`: steps in order, refusals, where it would stall. Nothing is written to the
live cluster. `copying` reads it, `tempo` measures it, `foresight` plays, `steps` tells what happened.
"""
