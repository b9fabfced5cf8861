"""Validation of each sort of volume source.

In: a source and its path. Out: errors. `SOURCES` is the table; a sort without rules of its own has its required fields listed.
Rules: pkg/apis/core/validation (validateVolumeSource, ValidatePersistentVolumeSpec).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from moorage.api import names, quantity
from moorage.api.refs import Document
from moorage.apiserver.documents import items, part
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import meta as metadata
from moorage.apiserver.validation import paths
from moorage.apiserver.validation.claims import claim_spec
from moorage.apiserver.validation.errors import forbidden, invalid, required
from moorage.apiserver.validation.projections import downward_file, keys_to_paths, projected
from moorage.apiserver.validation.values import in_range, named, one_of

Check = Callable[[str, Document], list[FieldError]]

_HOST_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
_IQN = ("iqn", "eui", "naa")
_MAX_LUN = 255


def needs(*keys: str) -> Check:
    """Return a check that asks for fields that are not empty."""
    return lambda path, source: [required(f"{path}.{key}") for key in keys if not source.get(key)]


def _empty_dir(path: str, source: Document) -> list[FieldError]:
    limit = source.get("sizeLimit")
    if limit is None or quantity.parse(limit).nanos >= 0:
        return []
    return [forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]


def _host_path(path: str, source: Document) -> list[FieldError]:
    where = source.get("path", "")
    if not where:
        return [required(f"{path}.path")]
    found = paths.no_backsteps(f"{path}.path", where)
    return found + one_of(f"{path}.type", source.get("type", ""), _HOST_TYPES)


def _git_repo(path: str, source: Document) -> list[FieldError]:
    found = needs("repository")(path, source)
    return found + paths.descending(f"{path}.directory", source.get("directory", ""))


def _secret(path: str, source: Document) -> list[FieldError]:
    return [*needs("secretName")(path, source), *_files(path, source)]


def _config_map(path: str, source: Document) -> list[FieldError]:
    return [*needs("name")(path, source), *_files(path, source)]


def _files(path: str, source: Document) -> list[FieldError]:
    found = paths.file_mode(f"{path}.defaultMode", source.get("defaultMode"))
    return found + keys_to_paths(f"{path}.items", items(source, "items"))


def _downward(path: str, source: Document) -> list[FieldError]:
    found = paths.file_mode(f"{path}.defaultMode", source.get("defaultMode"))
    return found + [error for item in items(source, "items") for error in downward_file(path, item)]


def _nfs(path: str, source: Document) -> list[FieldError]:
    found = needs("server", "path")(path, source)
    return found + paths.absolute(f"{path}.path", source.get("path", ""))


def _iscsi(path: str, source: Document) -> list[FieldError]:
    found = needs("targetPortal", "iqn")(path, source)
    name, lun = source.get("iqn", ""), source.get("lun", 0)
    if name and not name.startswith(_IQN):
        found.append(invalid(f"{path}.iqn", name, "must be valid format starting with iqn, eui, or naa"))
    return found + in_range(f"{path}.lun", lun, 0, _MAX_LUN)


def _csi(path: str, source: Document) -> list[FieldError]:
    return _driver(f"{path}.driver", source.get("driver", ""))


def _driver(path: str, name: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    return named(path, name, lambda text: names.dns_subdomain(text.lower()))


def _ephemeral(path: str, source: Document) -> list[FieldError]:
    where = f"{path}.volumeClaimTemplate"
    if "volumeClaimTemplate" not in source:
        return [required(where)]
    made = part(source["volumeClaimTemplate"], "metadata")
    found = metadata.annotations(where, made.get("annotations")) + metadata.labels(where, made.get("labels"))
    return found + claim_spec(f"{where}.spec", part(source["volumeClaimTemplate"], "spec"))


def _rbd(path: str, source: Document) -> list[FieldError]:
    return needs("monitors", "image")(path, source)


def _projected(path: str, source: Document) -> list[FieldError]:
    return [*paths.file_mode(f"{path}.defaultMode", source.get("defaultMode")), *projected(path, source)]


SOURCES: Mapping[str, Check] = MappingProxyType(
    {
        "emptyDir": _empty_dir,
        "hostPath": _host_path,
        "gitRepo": _git_repo,
        "gcePersistentDisk": needs("pdName"),
        "awsElasticBlockStore": needs("volumeID"),
        "secret": _secret,
        "nfs": _nfs,
        "iscsi": _iscsi,
        "glusterfs": needs("endpoints", "path"),
        "flocker": lambda _path, _source: [],
        "persistentVolumeClaim": needs("claimName"),
        "rbd": _rbd,
        "cinder": needs("volumeID"),
        "cephfs": needs("monitors"),
        "quobyte": needs("registry", "volume"),
        "downwardAPI": _downward,
        "fc": lambda _path, _source: [],
        "flexVolume": needs("driver"),
        "configMap": _config_map,
        "azureFile": needs("secretName", "shareName"),
        "vsphereVolume": needs("volumePath"),
        "photonPersistentDisk": needs("pdID"),
        "portworxVolume": needs("volumeID"),
        "azureDisk": needs("diskName", "diskURI"),
        "storageos": lambda _path, _source: [],
        "projected": _projected,
        "scaleIO": needs("gateway", "system", "volumeName"),
        "csi": _csi,
        "ephemeral": _ephemeral,
        "image": needs("reference"),
    }
)
"""Sort of volume → its check. In upstream's order, which decides which of two sources is the surplus one."""
