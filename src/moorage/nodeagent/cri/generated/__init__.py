"""Generated code, never edited: `cri.proto` and `events.proto` through grpcio-tools and grpclib's plugin.

In: the two `.proto` files one folder up. Out: messages and stubs for `calls` and `events`. Made anew by `scripts/protos`.
"""
