"""What `/version` says.

In: whether annotations of ours are obeyed. Out: the document. 1.32 matches the schemas served; the suffix says who answers
(fact sheet apiserver.md 1.3 and 2.1: this decides which kubectl users get).
"""

import platform

from moorage import __version__
from moorage.api.refs import Document
from moorage.api.schemadata import DEFAULT_VERSION


def version_document(*, strict: bool) -> Document:
    """Return `/version`.

    Args:
        strict: nothing beyond Kubernetes is obeyed: the build metadata of the version end in `strict`, for `moor` to see.
    """
    major, minor, _ = DEFAULT_VERSION.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{DEFAULT_VERSION}+moorage.{__version__}{'.strict' if strict else ''}",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }
