"""A ServiceAccount in detail.

In: ServiceAccount document, its token Secrets as `around.related`. Out: lines. Layout: kubectl 1.32 describe sa.
"""

from moorage.api.refs import Document
from moorage.cli.output.describe.sheet import Around, Sheet

_OWNER = "kubernetes.io/service-account.name"
_TOKEN_TYPE = "kubernetes.io/service-account-token"


def write(sheet: Sheet, account: Document, around: Around) -> None:
    """Fill the page."""
    sheet.head(account)
    tokens = [one["metadata"]["name"] for one in around.related if _belongs(one, account)]
    lists = (
        ("Image pull secrets", [one.get("name", "") for one in account.get("imagePullSecrets") or ()]),
        ("Mountable secrets", [one.get("name", "") for one in account.get("secrets") or ()]),
        ("Tokens", sorted(tokens)),
    )
    for title, names in lists:
        sheet.several(title, names)


def _belongs(secret: Document, account: Document) -> bool:
    owner = (secret["metadata"].get("annotations") or {}).get(_OWNER)
    return secret.get("type") == _TOKEN_TYPE and owner == account["metadata"]["name"]
