"""Rules for names, labels and ports, with upstream's sentences.

In: text. Out: a list of sentences, empty if the text is fine (k8s.io/apimachinery/pkg/util/validation, 1.32).
Validation in `apiserver` and selectors in `api.labels` put them into errors.
"""

import ipaddress
import re
from functools import lru_cache

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_PORT_NAME = re.compile("[-a-z0-9]+", re.ASCII)

ADDRESSES = 4096
"""Addresses remembered as sound or not: a write of a slice judges all its own anew."""
LABEL_LENGTH = 63
SUBDOMAIN_LENGTH = 253
EMPTY = "must be non-empty"

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_QUALIFIED_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_CONFIG_KEY_TEXT = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
_ENV_NAME_TEXT = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
    "and must not start with a digit"
)
_C_IDENTIFIER_TEXT = (
    "a valid C identifier must start with alphabetic character or '_', "
    "followed by a string of alphanumeric characters or '_'"
)


def too_long(limit: int) -> str:
    """Return the sentence for a text longer than `limit` characters."""
    return f"must be no more than {limit} characters"


def _syntax(text: str, pattern: str, sentence: str, examples: tuple[str, ...]) -> list[str]:
    """Return the sentence for a text that does not match a pattern."""
    if re.fullmatch(pattern, text, re.ASCII):
        return []
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return [f"{sentence} (e.g. {shown}, regex used for validation is '{pattern}')"]


def _bounded(text: str, limit: int) -> list[str]:
    return [too_long(limit)] if len(text.encode()) > limit else []


def dns_label(text: str) -> list[str]:
    """Check a DNS-1123 label: names of namespaces, containers, volumes."""
    found = _bounded(text, LABEL_LENGTH)
    if "." in text and re.fullmatch(_SUBDOMAIN, text, re.ASCII):
        return [*found, "must not contain dots"]
    return found + _syntax(text, _LABEL, _LABEL_TEXT, ("my-name", "123-abc"))


def dns_subdomain(text: str) -> list[str]:
    """Check a DNS-1123 subdomain: names of most objects."""
    return _bounded(text, SUBDOMAIN_LENGTH) + _syntax(text, _SUBDOMAIN, _SUBDOMAIN_TEXT, ("example.com",))


def dns_1035_label(text: str) -> list[str]:
    """Check a DNS-1035 label: names of Services."""
    return _bounded(text, LABEL_LENGTH) + _syntax(text, _LABEL_1035, _LABEL_1035_TEXT, ("my-name", "abc-123"))


def qualified_name(text: str) -> list[str]:
    """Check a label or annotation key: a name with an optional DNS prefix."""
    examples = ("MyName", "my.name", "123-abc")
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        (sentence,) = _syntax("/", _QUALIFIED, f"a qualified name {_QUALIFIED_TEXT}", examples)
        return [sentence + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    found = []
    if slash:
        found += [f"prefix part {text}" for text in ([EMPTY] if not prefix else dns_subdomain(prefix))]
    if not name:
        found.append(f"name part {EMPTY}")
    found += [f"name part {text}" for text in _bounded(name, LABEL_LENGTH)]
    return found + _syntax(name, _QUALIFIED, f"name part {_QUALIFIED_TEXT}", examples)


def label_value(text: str) -> list[str]:
    """Check the value of a label."""
    return _bounded(text, LABEL_LENGTH) + _syntax(
        text, _LABEL_VALUE, _LABEL_VALUE_TEXT, ("MyValue", "my_value", "12345")
    )


def config_key(text: str) -> list[str]:
    """Check a key of a ConfigMap or Secret."""
    examples = ("key.name", "KEY_NAME", "key-name")
    return _bounded(text, SUBDOMAIN_LENGTH) + _syntax(text, _CONFIG_KEY, _CONFIG_KEY_TEXT, examples) + _path_steps(text)


def env_name(text: str) -> list[str]:
    """Check the name of an environment variable."""
    return _syntax(text, _ENV_NAME, _ENV_NAME_TEXT, ("my.env-name", "MY_ENV.NAME", "MyEnvName1")) + _path_steps(text)


def c_identifier(text: str) -> list[str]:
    """Check a C identifier."""
    return _syntax(text, _C_IDENTIFIER, _C_IDENTIFIER_TEXT, ("my_name", "MY_NAME", "MyName"))


def port_number(port: int) -> list[str]:
    """Check a port number."""
    return [] if 1 <= port <= 65535 else [in_range(1, 65535)]


def port_name(text: str) -> list[str]:
    """Check the name of a container or service port (RFC 6335)."""
    found = []
    if len(text) > 15:
        found.append(too_long(15))
    if not _PORT_NAME.fullmatch(text):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        found.append("must not begin or end with a hyphen")
    return found


def in_range(low: int, high: int) -> str:
    """Return the sentence for a number outside [low, high]."""
    return f"must be between {low} and {high}, inclusive"


def ip_address(text: str) -> list[str]:
    """Check an IPv4 or IPv6 address."""
    return [] if _is_ip_address(text) else ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]


@lru_cache(ADDRESSES)
def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def percent(text: str) -> list[str]:
    """Check a percentage."""
    return _syntax(
        text, "[0-9]+%", "a valid percent string must be a numeric string followed by an ending '%'", ("1%", "93%")
    )


def path_segment(text: str) -> list[str]:
    """Check a name that must only fit into a URL (k8s.io/apimachinery/pkg/api/validation/path)."""
    if text in (".", ".."):
        return [f"may not be '{text}'"]
    return [f"may not contain '{letter}'" for letter in "/%" if letter in text]


def _path_steps(text: str) -> list[str]:
    """Refuse names that a file path would take as a step."""
    if text in (".", ".."):
        return [f"must not be '{text}'"]
    return ["must not start with '..'"] if text.startswith("..") else []
