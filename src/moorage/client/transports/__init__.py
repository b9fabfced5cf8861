"""What carries requests: `inprocess` (same process), `http` (TLS, everything), `plain` (TLS, standard library only).

In: `client.ports.Request`. Out: `client.ports.Response` and watch events. The room above is `client.api`.
"""
