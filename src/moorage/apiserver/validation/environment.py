"""Validation of environment variables of containers.

In: `env` and `envFrom`. Out: errors. Rules: pkg/apis/core/validation (ValidateEnv, ValidateEnvFrom).
"""

from moorage.api import names
from moorage.api.refs import Document
from moorage.apiserver.documents import indexed, items
from moorage.apiserver.strategy import FieldError
from moorage.apiserver.validation import downward
from moorage.apiserver.validation.errors import invalid, required
from moorage.apiserver.validation.values import named

_ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
_NAME = "a valid environment variable name must consist only of printable ASCII characters other than '='"
_MORE = "may not have more than one field specified at a time"


def environment(path: str, container: Document) -> list[FieldError]:
    """Check `env` and `envFrom` of a container."""
    found = []
    for where, variable in indexed(f"{path}.env", items(container, "env")):
        name = variable.get("name", "")
        found += named(f"{where}.name", name, variable_name) if name else [required(f"{where}.name")]
        if "valueFrom" in variable:
            found += _value_from(f"{where}.valueFrom", variable)
    for where, source in indexed(f"{path}.envFrom", items(container, "envFrom")):
        found += _env_from(f"{path}.envFrom", where, source)
    return found


def variable_name(text: str) -> list[str]:
    """Check the name of a variable by the relaxed rule, the default since 1.32."""
    return [] if all(" " <= letter <= "~" and letter != "=" for letter in text) else [_NAME]


def _value_from(path: str, variable: Document) -> list[FieldError]:
    given = variable["valueFrom"]
    found: list[FieldError] = []
    if "fieldRef" in given:
        found += downward.field(f"{path}.fieldRef", given["fieldRef"], downward.ENV_FIELDS)
    if "resourceFieldRef" in given:
        found += downward.resource(f"{path}.resourceFieldRef", given["resourceFieldRef"], of_volume=False)
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if kind in given:
            found += _key(f"{path}.{kind}", given[kind])
    if not given:
        found.append(invalid(path, "", _ONE_OF))
    elif variable.get("value"):
        found.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(given) > 1:
        found.append(invalid(path, "", _MORE))
    return found


def _key(path: str, reference: Document) -> list[FieldError]:
    found = [] if reference.get("name") else [required(f"{path}.name")]
    key = reference.get("key", "")
    return found + (named(f"{path}.key", key, names.config_key) if key else [required(f"{path}.key")])


def _env_from(path: str, where: str, source: Document) -> list[FieldError]:
    found = named(f"{where}.prefix", source["prefix"], variable_name) if source.get("prefix") else []
    kinds = [kind for kind in ("configMapRef", "secretRef") if kind in source]
    for kind in kinds:
        if not source[kind].get("name"):
            found.append(required(f"{where}.{kind}.name"))
    if not kinds:
        found.append(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
    elif len(kinds) > 1:
        found.append(invalid(path, "", _MORE))
    return found
