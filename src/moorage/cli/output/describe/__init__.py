"""Objects in detail, as kubectl describe prints them: one module a kind, `generic` for the others."""
