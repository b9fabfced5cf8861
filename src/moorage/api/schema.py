"""Type tables: what the API server must know of every field of every kind, built from OpenAPI definitions on demand.

In: parsed definitions and the wire table (`api.schemadata`). Out: `TypeTable`, read by `api.decode` (types, unknown
fields, what Go leaves out or always writes) and `api.patch` (merge keys, list types). Sources: fact sheet
apiserver.md 1.2, 1.4, 5.6.

The assembly makes one `Schemas` and hands it down; a table is built when first asked for and kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moorage.api import gotypes
from moorage.api.schemadata import Definitions, WireTable

_REF = "#/$defs/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
Default = str | int | float | bool | dict[str, Any] | None


class Shape(StrEnum):
    """What a value looks like in JSON and in Go."""

    STRUCT = "struct"
    MAP = "map"
    LIST = "list"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    TIME = "time"
    MICROTIME = "microtime"
    QUANTITY = "quantity"
    INT_OR_STRING = "int-or-string"
    ANY = "any"


_SPECIAL = {
    _META + "Time": Shape.TIME,
    _META + "MicroTime": Shape.MICROTIME,
    _META + "FieldsV1": Shape.ANY,
    _META + "Patch": Shape.ANY,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": Shape.QUANTITY,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": Shape.INT_OR_STRING,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": Shape.ANY,
    _EXTENSIONS + "JSON": Shape.ANY,
    _EXTENSIONS + "JSONSchemaPropsOrArray": Shape.ANY,
    _EXTENSIONS + "JSONSchemaPropsOrBool": Shape.ANY,
    _EXTENSIONS + "JSONSchemaPropsOrStringArray": Shape.ANY,
}
_SCALARS = {"string": Shape.STRING, "integer": Shape.INTEGER, "number": Shape.NUMBER, "boolean": Shape.BOOLEAN}
_JSON_TYPES: dict[Shape, type] = {
    Shape.STRUCT: dict,
    Shape.MAP: dict,
    Shape.LIST: list,
    Shape.STRING: str,
    Shape.INTEGER: int,
    Shape.BOOLEAN: bool,
}
_ZEROES: dict[Shape, Default] = {
    Shape.STRING: "",
    Shape.INTEGER: 0,
    Shape.NUMBER: 0,
    Shape.BOOLEAN: False,
    Shape.QUANTITY: "0",
    Shape.INT_OR_STRING: 0,
    Shape.TIME: None,
    Shape.MICROTIME: None,
}
_INT_BITS = {"int32": 31, "int64": 63}


@dataclass(slots=True, eq=False)
class TypeTable:
    """One use of a type: a whole kind, a field, the items of a list, the values of a map. Not changed once built.

    Args:
        shape: what the value looks like.
        definition: full definition name of a struct, "" otherwise.
        fields: of a struct: JSON name → type.
        items: of a list or a map: the type of its values.
        bits: of an integer: bits of magnitude (31 or 63).
        list_type: `atomic`, `set` or `map` (x-kubernetes-list-type; `atomic` where unstated).
        list_keys: keys of a `map` list.
        atomic_map: whether a struct or map is owned as one value in server-side apply.
        merge_key: strategic merge key of a list of structs, "" if none.
        merges: whether strategic merge merges this list.
        retains_keys: whether strategic merge knows `$retainKeys` here.
        replaces: whether strategic merge replaces this struct whole.
        omits_zero: whether Go leaves a zero or empty value out (`omitempty`, and not a pointer).
        always: of a struct: JSON name → what is written when the field is absent.
        required: of a struct: fields the schema requires.
        python: the only type a well-formed value can have; `object` where several can.
    """

    shape: Shape
    definition: str = ""
    fields: dict[str, "TypeTable"] = field(default_factory=dict)
    items: "TypeTable | None" = None
    bits: int = 63
    list_type: str = "atomic"
    list_keys: tuple[str, ...] = ()
    atomic_map: bool = False
    merge_key: str = ""
    merges: bool = False
    retains_keys: bool = False
    replaces: bool = False
    omits_zero: bool = False
    always: dict[str, Default] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    python: type = object

    @property
    def go_name(self) -> str:
        """Return Go's name of the struct: `ObjectMeta`."""
        return self.definition.rpartition(".")[2]

    def child(self, key: str) -> "TypeTable | None":
        """Return the type of one key of a struct or map; None where the struct has no such field."""
        if self.shape is Shape.STRUCT:
            return self.fields.get(key)
        if self.shape is Shape.MAP:
            return self.items
        return UNTYPED if self.shape is Shape.ANY else None


UNTYPED = TypeTable(Shape.ANY)
"""A value nothing is known of: kept as it is; maps merge, lists are atomic."""


class Schemas:
    """All type tables of one Kubernetes version, built on demand.

    Args:
        definitions: see `api.schemadata.load_definitions`.
        wire: see `api.schemadata.load_wire_table`; without it every optional scalar counts as a pointer.
    """

    def __init__(self, definitions: Definitions, wire: WireTable | None = None) -> None:
        self.definitions = definitions
        self.wire: WireTable = wire or {}
        self._tables: dict[str, TypeTable] = {}

    def table(self, definition: str) -> TypeTable:
        """Return the type table of a definition, e.g. `io.k8s.api.core.v1.Pod`.

        A name that is not known (a custom resource's "") gives `UNTYPED`.
        """
        known = self._tables.get(definition)
        if known is None:
            known = self._build(definition)
        return known

    def _build(self, definition: str) -> TypeTable:
        schema = self.definitions.get(definition)
        if schema is None:
            return UNTYPED
        shape = _SPECIAL.get(definition, Shape.STRUCT)
        table = TypeTable(shape, definition, python=_JSON_TYPES.get(shape, object))
        self._tables[definition] = table
        if shape is Shape.STRUCT:
            table.atomic_map = schema.get("x-kubernetes-map-type") == "atomic"
            self._fill(table, schema)
        return table

    def _fill(self, table: TypeTable, schema: Mapping[str, Any]) -> None:
        """Add fields and what is always written to a struct; the table is already registered, so cycles end."""
        required = table.required
        required.update(schema.get("required", ()))
        by_value = _fields_by_value(self.wire, table.definition)
        for name, property_schema in schema.get("properties", {}).items():
            child = self._use(property_schema)
            optional = name not in required
            child.omits_zero = optional and (name in by_value or child.shape in (Shape.LIST, Shape.MAP))
            table.fields[name] = child
            if name in required and child.shape in _ZEROES:
                table.always[name] = _ZEROES[child.shape]
        table.always.update(_always_written(table))
        for name in gotypes.NULL_LISTS.get(table.go_name, ()):
            table.fields[name].omits_zero = True

    def _use(self, schema: Mapping[str, Any]) -> TypeTable:
        """Return the type of one field, list item or map value."""
        reference = schema.get("$ref")
        if reference:
            return _annotated(self.table(reference.removeprefix(_REF)), schema)
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "array":
            return _list_of(self._use(schema.get("items", {})), schema)
        if kind == "object":
            values = schema.get("additionalProperties")
            items = self._use(values) if isinstance(values, Mapping) else UNTYPED
            atomic = schema.get("x-kubernetes-map-type") == "atomic"
            return TypeTable(Shape.MAP, items=items, atomic_map=atomic, python=dict)
        return _scalar(_SCALARS[kind], str(schema.get("format", "")))


def _scalar(shape: Shape, form: str) -> TypeTable:
    if form == "byte":
        return TypeTable(Shape.BYTES)
    return TypeTable(shape, bits=_INT_BITS.get(form, 63), python=_JSON_TYPES.get(shape, object))


def _list_of(items: TypeTable, schema: Mapping[str, Any]) -> TypeTable:
    strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
    return TypeTable(
        Shape.LIST,
        items=items,
        list_type=schema.get("x-kubernetes-list-type", "atomic"),
        list_keys=tuple(schema.get("x-kubernetes-list-map-keys", ())),
        merge_key=schema.get("x-kubernetes-patch-merge-key", ""),
        merges="merge" in strategies,
        retains_keys="retainKeys" in strategies,
        python=list,
    )


def _annotated(target: TypeTable, schema: Mapping[str, Any]) -> TypeTable:
    """Return a use of a referenced type with the field's own annotations.

    The fields and `always` of a struct are shared, so a use made while its struct is being filled sees all of them.
    """
    strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
    return TypeTable(
        target.shape,
        target.definition,
        fields=target.fields,
        items=target.items,
        atomic_map=target.atomic_map or schema.get("x-kubernetes-map-type") == "atomic",
        retains_keys="retainKeys" in strategies,
        replaces="replace" in strategies,
        always=target.always,
        required=target.required,
        python=target.python,
    )


def _always_written(table: TypeTable) -> dict[str, Default]:
    """Return what Go writes for absent optional fields of a struct (tables in `api.gotypes`)."""
    name, fields = table.go_name, table.fields
    found: dict[str, Default] = dict.fromkeys(_present(gotypes.NULL_TIMES, name, fields))
    found |= dict.fromkeys(_present(gotypes.NULL_LISTS, name, fields))
    found |= {key: {} for key in _present(gotypes.EMPTY_STRUCTS, name, fields)}
    found |= {key: _ZEROES[fields[key].shape] for key in _present(gotypes.ZERO_SCALARS, name, fields)}
    if table.definition == "io.k8s.api.core.v1.Event":
        found |= dict(gotypes.EVENT_FIELDS) | {"source": {}, "involvedObject": {}}
    if "metadata" in fields and fields["metadata"].definition == _META + "ObjectMeta":
        found["metadata"] = {}
        found |= {key: {} for key in ("spec", "status") if _held_by_value(fields.get(key))}
    return found


def _present(table: Mapping[str, tuple[str, ...]], name: str, fields: Mapping[str, TypeTable]) -> Iterator[str]:
    return (key for key in table.get(name, ()) if key in fields)


def _held_by_value(child: TypeTable | None) -> bool:
    return child is not None and child.shape is Shape.STRUCT


def _fields_by_value(wire: WireTable, definition: str) -> set[str]:
    """Return the JSON names of the scalars Go holds by value, structs inlined on the wire included."""
    message = definition.replace("io.k8s.", "k8s.io.", 1).replace("-", "_")
    found: set[str] = set()
    for name, kind, *flags in wire.get(message, {}).values():
        if "." not in kind:
            found |= set() if flags else {name}
        elif not flags and name in INLINED:
            found |= _fields_by_value(wire, kind.replace("k8s.io.", "io.k8s.", 1).replace("_", "-"))
    return found


INLINED = frozenset(
    {
        "localObjectReference", "volumeSource", "handler", "ephemeralContainerCommon", "ingressRuleValue",
        "persistentVolumeSource", "rule",
    }
)  # fmt: skip
"""Wire names of structs whose fields appear in JSON directly in their parent (fact sheet apiserver.md 1.4)."""
