"""The Kubernetes API over the store: authenticate, authorise, admit, default, validate, write, watch.

In: `client.ports.Request`. Out: `client.ports.Response`. `app` carries both over TLS;
`core` is the entry without a network.
"""
