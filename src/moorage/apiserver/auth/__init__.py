"""Who asks (authentication) and whether they may (authorisation).

In: certificates, tokens, requests. Out: `client.ports.User`, verdicts. The next room is admission.
"""
