"""What `/version` says.

In: nothing. Out: the document. 1.32 matches the schemas served; the suffix says who answers
(fact sheet apiserver.md 1.3 and 2.1: this decides which kubectl users get).
"""

import platform

from moorage import __version__
from moorage.api.refs import Document
from moorage.api.schemadata import DEFAULT_VERSION


def version_document() -> Document:
    """Return `/version`."""
    major, minor, _ = DEFAULT_VERSION.split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": f"v{DEFAULT_VERSION}+moorage.{__version__}",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": platform.python_implementation().lower(),
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }
