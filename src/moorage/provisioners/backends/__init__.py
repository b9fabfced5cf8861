"""One file a backend; none knows another.

In: `provisioners.ports`. Out: storage on this machine.
"""
