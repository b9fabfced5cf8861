"""The live objects that a plan needs: everything that controllers and scheduler look at, and nothing secret.

In: an API. Out: documents with kind and apiVersion. ConfigMaps, Secrets, Leases and Events stay where they are.
"""

from moorage.api import scheme
from moorage.api.refs import Document, Resource
from moorage.base.errors import ApiError
from moorage.client.api import Api
from moorage.client.requests import ListOptions

COPIED: tuple[Resource, ...] = tuple(
    resource
    for resource in scheme.CATALOGUE
    if resource not in (scheme.CONFIGMAPS, scheme.SECRETS, scheme.EVENTS, scheme.LEASES)
    and resource.group != "rbac.authorization.k8s.io"
)
PAGE = 500


async def copy(api: Api) -> list[Document]:
    """Return every object of the kinds above; a kind the server does not have is left out. Raises: ApiError (forbidden)."""
    return [document for resource in COPIED for document in await _all(api, resource)]


async def _all(api: Api, resource: Resource) -> list[Document]:
    found: list[Document] = []
    options = ListOptions(limit=PAGE)
    while True:
        try:
            page = await api.list(resource, "", options)
        except ApiError as problem:
            if problem.code == 404:
                return []
            raise
        head = {"apiVersion": resource.api_version, "kind": resource.kind}
        found += [{**head, **item} for item in page.get("items") or ()]
        token = (page.get("metadata") or {}).get("continue")
        if not token:
            return found
        options = ListOptions(limit=PAGE, follow=token)
