"""Gates every write passes after decoding: they may fill in, warn or refuse. One file a gate.

In: `Write` (what is about to happen) and `World` (what there is). Out: changes to `write.new`, warnings, or an ApiError.
Order as upstream's default plugins (fact sheet apiserver.md 5.10). The next room is validation by the strategy.
"""
