"""The runtime `containerd`: a private containerd driven through CRI, its network, cgroups and images.

In: `nodeagent.ports` configs and a `Settings`. Out: `runtime.CriRuntime`, `machine.up`, `machine.down`,
`prerequisites.missing`.
Only this room speaks gRPC to containerd.
"""
