"""The only file access of the language room: the two tables that describe every built-in kind.

In: a Kubernetes version. Out: parsed definitions (the schema package's data file) and the wire table (our own file):
both go into `api.schema.Schemas`. The schema package's own code is never called.
"""

import pathlib
from importlib import resources, util
from typing import Any

import msgspec

DEFAULT_VERSION = "1.32.0"
"""Kubernetes version whose definitions are used (fact sheet apiserver.md, 1.3)."""

Definitions = dict[str, Any]
"""Definition name → JSON schema with upstream's `x-kubernetes-*` extensions."""
WireTable = dict[str, dict[str, list[str]]]
"""Message name → field number → [JSON name, type, flags…]; flags: `repeated`, `map`, `?` = pointer to a scalar."""


def load_definitions(version: str = DEFAULT_VERSION) -> Definitions:
    """Read the definitions of one Kubernetes version (about 7 ms).

    The package is only located, not imported: importing it loads a validator and takes ten times as long as the file.

    Raises:
        FileNotFoundError: the installed schema package does not know that version.
    """
    spec = util.find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package kubernetes-validate is missing: install it")
    folder = pathlib.Path(spec.submodule_search_locations[0], "kubernetes-json-schema", f"v{version}-local")
    raw = (folder / "_definitions.json").read_bytes()
    definitions: Definitions = msgspec.json.decode(raw)["$defs"]
    return definitions


def load_wire_table() -> WireTable:
    """Read the protobuf field numbers and pointer bits of the built-in messages (about 1 ms)."""
    raw = resources.files("moorage.api").joinpath("data", "wire.json").read_bytes()
    return msgspec.json.decode(raw, type=WireTable)
