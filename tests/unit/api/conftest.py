"""Type tables for the tests of the language room. In: the schema package. Out: fixtures."""

import pytest

from moorage.api.decode import Expected
from moorage.api.schema import Schemas
from moorage.api.schemadata import load_definitions, load_wire_table


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    """All type tables of the default Kubernetes version."""
    return Schemas(load_definitions(), load_wire_table())


@pytest.fixture(scope="session")
def pod(schemas: Schemas) -> Expected:
    """The kind Pod."""
    return Expected("v1", "Pod", schemas.table("io.k8s.api.core.v1.Pod"))


@pytest.fixture(scope="session")
def configmap(schemas: Schemas) -> Expected:
    """The kind ConfigMap."""
    return Expected("v1", "ConfigMap", schemas.table("io.k8s.api.core.v1.ConfigMap"))


@pytest.fixture(scope="session")
def statefulset(schemas: Schemas) -> Expected:
    """The kind StatefulSet."""
    return Expected("apps/v1", "StatefulSet", schemas.table("io.k8s.api.apps.v1.StatefulSet"))
