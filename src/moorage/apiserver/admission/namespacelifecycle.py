"""NamespaceLifecycle: nothing new in a namespace that is not there or is going; three namespaces never go.

In: creations in namespaces, deletions of namespaces. Out: 404, 403. Rules: plugin/pkg/admission/namespace/lifecycle upstream.
"""

from moorage.api import scheme
from moorage.apiserver import errors
from moorage.apiserver.admission.ports import Gate, World, Write
from moorage.apiserver.documents import part

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})


def check(write: Write, world: World) -> None:
    """Refuse what does not fit the namespace. Raises: ApiError."""
    if write.resource == scheme.NAMESPACES:
        if write.operation == "DELETE" and write.key.name in IMMORTAL:
            raise errors.forbidden(scheme.NAMESPACES, write.key.name, "this namespace may not be deleted")
        return
    name = write.key.namespace
    if not name or write.operation != "CREATE":
        return
    namespace = world.get(scheme.NAMESPACES, "", name)
    if namespace is None:
        raise errors.not_found(scheme.NAMESPACES, name)
    if part(namespace.document, "status").get("phase") == "Terminating":
        cause = errors.Cause("NamespaceTerminating", f"namespace {name} is being terminated", "metadata.namespace")
        sentence = f"unable to create new content in namespace {name} because it is being terminated"
        raise errors.forbidden(write.resource, write.shown_name, sentence, [cause])


GATE = Gate("NamespaceLifecycle", check, operations=("CREATE", "DELETE"))
