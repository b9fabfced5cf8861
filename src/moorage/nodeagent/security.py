"""What a pod's and a container's security context mean for the runtime.

In: specs and the image's user. Out: `Security`, or why the container may not start. Pure.
Rules: pkg/securitycontext and kuberuntime/security_context.go, Kubernetes 1.32.
"""

from collections.abc import Mapping
from typing import Any

from moorage.base.errors import RuntimeFailure
from moorage.nodeagent.podspec import Container, Pod
from moorage.nodeagent.ports import RuntimeImage, Security

CONFIG_ERROR = "CreateContainerConfigError"


def container_security(pod: Pod, container: Container) -> Security:
    """Return the security settings of a container: its own, else the pod's."""
    whole, own = pod.spec.security_context, container.security_context
    capabilities = own.get("capabilities") or {}
    return Security(
        privileged=bool(own.get("privileged")),
        run_as_user=_first("runAsUser", own, whole),
        run_as_group=_first("runAsGroup", own, whole),
        supplemental_groups=groups(pod),
        read_only_root=bool(own.get("readOnlyRootFilesystem")),
        no_new_privileges=own.get("allowPrivilegeEscalation") is False,
        add_capabilities=tuple(capabilities.get("add") or ()),
        drop_capabilities=tuple(capabilities.get("drop") or ()),
        seccomp_unconfined=_seccomp(own, whole) == "Unconfined",
    )


def pod_security(pod: Pod) -> Security:
    """Return the security settings of a sandbox: privileged if any container is (the runtime demands it)."""
    whole = pod.spec.security_context
    privileged = any(one.security_context.get("privileged") for one in pod.containers)
    return Security(
        privileged=bool(privileged),
        run_as_user=whole.get("runAsUser"),
        run_as_group=whole.get("runAsGroup"),
        supplemental_groups=groups(pod),
        seccomp_unconfined=_seccomp({}, whole) == "Unconfined",
    )


def groups(pod: Pod) -> tuple[int, ...]:
    """Return the supplemental groups: the listed ones and the volumes' group."""
    listed = list(pod.spec.security_context.get("supplementalGroups") or ())
    fs_group = pod.spec.security_context.get("fsGroup")
    return tuple(dict.fromkeys([*listed, *([fs_group] if fs_group is not None else [])]))


def check_user(pod: Pod, container: Container, image: RuntimeImage) -> None:
    """Refuse a container that must not run as root but would. Raises RuntimeFailure."""
    if not _first("runAsNonRoot", container.security_context, pod.spec.security_context):
        return
    where = f'(pod: "{pod.full_name}", container: {container.name})'
    user = _first("runAsUser", container.security_context, pod.spec.security_context)
    if user is not None:
        if user == 0:
            raise RuntimeFailure(CONFIG_ERROR, f"container's runAsUser breaks non-root policy {where}")
        return
    if image.user is None:
        text = f"container has runAsNonRoot and image has non-numeric user ({image.user_name})"
        raise RuntimeFailure(CONFIG_ERROR, f"{text}, cannot verify user is non-root {where}")
    if image.user == 0:
        raise RuntimeFailure(CONFIG_ERROR, f"container has runAsNonRoot and image will run as root {where}")


def _first(name: str, own: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    return own[name] if own.get(name) is not None else whole.get(name)


def _seccomp(own: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    profile = own.get("seccompProfile") or whole.get("seccompProfile") or {}
    return str(profile.get("type") or "Unconfined")
