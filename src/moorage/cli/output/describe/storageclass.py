"""A StorageClass in detail.

In: StorageClass document. Out: lines. Layout: kubectl 1.32 describe storageclass.
"""

from moorage.api import labels
from moorage.api.refs import Document
from moorage.cli.output.describe.persistentvolume import show_terms
from moorage.cli.output.describe.sheet import NONE, UNSET, Around, Sheet

_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def write(sheet: Sheet, found: Document, _around: Around) -> None:
    """Fill the page."""
    annotations = found["metadata"].get("annotations") or {}
    sheet.field("Name", found["metadata"]["name"])
    sheet.field("IsDefaultClass", "Yes" if any(annotations.get(key) == "true" for key in _DEFAULT) else "No")
    sheet.field("Annotations", labels.format_labels(annotations))
    sheet.field("Provisioner", found.get("provisioner", ""))
    sheet.field("Parameters", labels.format_labels(found.get("parameters")))
    expandable = found.get("allowVolumeExpansion")
    sheet.field("AllowVolumeExpansion", UNSET if expandable is None else str(bool(expandable)))
    options = found.get("mountOptions") or ()
    if options:
        sheet.line("MountOptions:")
        for option in options:
            sheet.line(option, 1)
    else:
        sheet.field("MountOptions", NONE)
    for title, key in (("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")):
        if found.get(key):
            sheet.field(title, found[key])
    if found.get("allowedTopologies"):
        sheet.field("AllowedTopologies", "")
        for index, term in enumerate(found["allowedTopologies"]):
            sheet.several(f"Term {index}", show_terms(term.get("matchLabelExpressions") or ()), 1)
