"""Image references in full. Pure.

In: what a pod spec says. Out: host, repository and tag as containerd completes them. Used by `registry` and by `sim`.
Source: distribution/reference, normalisation of familiar names.
"""

DEFAULT_HOST = "docker.io"


def full_reference(reference: str) -> str:
    """Return a reference with host, repository and tag.

    Args:
        reference: as in a pod spec, e.g. `nginx`, `ikubernetes/myapp:v5`, `host:5000/a/b@sha256:…`.

    Returns:
        e.g. `docker.io/library/nginx:latest`.
    """
    first, slash, rest = reference.partition("/")
    named_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if named_host else (DEFAULT_HOST, reference)
    if host == DEFAULT_HOST and "/" not in path:
        path = f"library/{path}"
    if "@" not in path and ":" not in path.rpartition("/")[2]:
        path += ":latest"
    return f"{host}/{path}"
