"""What `exec` finds inside a made-up container: a handful of commands over its mounts and a private scratch of files.

In: a command line. Out: `ExecResult`. Files below a mount are the host's own; all others vanish with the container.
"""

import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from moorage.nodeagent.ports import ContainerConfig, ExecResult, SandboxConfig

NOT_FOUND = 127
SEPARATORS = (";", "&&", "||")
REDIRECTS = (">", ">>")


class Missing(Exception):
    """No such program in the image. The text is what a container runtime says."""


class Files:
    """A container's files: host folders where mounted, memory elsewhere.

    Args:
        config: whose mounts.
    """

    def __init__(self, config: ContainerConfig) -> None:
        self._mounts = sorted(config.mounts, key=lambda mount: len(mount.container_path), reverse=True)
        self._scratch: dict[str, bytes] = {}

    def read(self, path: str) -> bytes:
        """Return a file's content. Raises: OSError."""
        host = self._host(path)
        if host is not None:
            return host.read_bytes()
        if path not in self._scratch:
            raise FileNotFoundError(path)
        return self._scratch[path]

    def write(self, path: str, content: bytes) -> None:
        """Replace a file. Raises: OSError."""
        host = self._host(path, writing=True)
        if host is not None:
            host.write_bytes(content)
        else:
            self._scratch[path] = content

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file or folder."""
        host = self._host(path)
        return host.exists() if host is not None else path in self._scratch or bool(self.names(path))

    def names(self, path: str) -> list[str]:
        """Return what is in a folder."""
        host = self._host(path)
        if host is not None:
            return sorted(os.listdir(host))
        below = path.rstrip("/") + "/"
        places = (*self._scratch, *(mount.container_path for mount in self._mounts))
        return sorted({place[len(below) :].split("/")[0] for place in places if place.startswith(below)})

    def _host(self, path: str, *, writing: bool = False) -> Path | None:
        clean = os.path.normpath(path)
        for mount in self._mounts:
            inside = os.path.relpath(clean, mount.container_path)
            if not inside.startswith(".."):
                if writing and mount.read_only:
                    raise PermissionError(f"{path}: Read-only file system")
                return Path(mount.host_path) / inside if inside != "." else Path(mount.host_path)
        return None


class Shell:
    """Runs commands in one container.

    Args:
        sandbox: for the host name.
        config: for the environment and mounts.
        programs: further programs that exist and succeed silently.
    """

    def __init__(self, sandbox: SandboxConfig, config: ContainerConfig, programs: frozenset[str]) -> None:
        self._hostname = sandbox.hostname
        self._env = {**dict(config.env), "HOSTNAME": sandbox.hostname}
        self._files = Files(config)
        self._programs = programs
        self._known: dict[str, Callable[[list[str]], bytes]] = {
            "cat": self._cat,
            "echo": lambda words: (" ".join(words) + "\n").encode(),
            "env": lambda words: "".join(f"{key}={value}\n" for key, value in self._env.items()).encode(),
            "false": self._fail,
            "hostname": lambda words: f"{self._hostname}\n".encode(),
            "id": lambda words: b"uid=0(root) gid=0(root) groups=0(root)\n",
            "ls": self._ls,
            "printenv": self._printenv,
            "test": self._test,
            "touch": self._touch,
            "true": lambda words: b"",
        }

    def run(self, command: Sequence[str]) -> ExecResult:
        """Run one command. Raises: Missing."""
        words = list(command)
        name = words[0].rpartition("/")[2]
        if name in ("sh", "bash") and len(words) >= 3 and words[1] == "-c":
            return self._script(words[2])
        if name not in self._known and name not in self._programs:
            raise Missing(f'exec: "{words[0]}": executable file not found in $PATH: unknown')
        return self._simple(words)

    def _script(self, script: str) -> ExecResult:
        total, runs = ExecResult(0, b"", b""), True
        words: list[str] = []
        for word in [*self._split(script), ";"]:
            if word not in SEPARATORS:
                words.append(word)
                continue
            if words and runs:
                result = self._redirected(words)
                total = ExecResult(result.exit_code, total.stdout + result.stdout, total.stderr + result.stderr)
                if words[0] == "exit":
                    break
            runs = word == ";" or (word == "&&") == (total.exit_code == 0)
            words = []
        return total

    def _split(self, script: str) -> list[str]:
        lexer = shlex.shlex(script.replace("$(hostname)", self._hostname), posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        return [self._expanded(word) for word in lexer]

    def _expanded(self, word: str) -> str:
        for key, value in self._env.items():
            word = word.replace(f"${{{key}}}", value).replace(f"${key}", value)
        return word

    def _redirected(self, words: list[str]) -> ExecResult:
        if words[0] == "exit":
            return ExecResult(int(words[1]) if len(words) > 1 else 0, b"", b"")
        if len(words) > 2 and words[-2] in REDIRECTS:
            result = self._simple(words[:-2])
            old = self._files.read(words[-1]) if words[-2] == ">>" and self._files.exists(words[-1]) else b""
            return self._guarded(lambda _: self._keep(words[-1], old + result.stdout), words[0], [])
        return self._simple(words)

    def _keep(self, path: str, content: bytes) -> bytes:
        self._files.write(path, content)
        return b""

    def _simple(self, words: list[str]) -> ExecResult:
        name = words[0].rpartition("/")[2]
        if name in self._programs:
            return ExecResult(0, b"", b"")
        if name not in self._known:
            return ExecResult(NOT_FOUND, b"", f"sh: {name}: not found\n".encode())
        return self._guarded(self._known[name], name, words[1:])

    def _guarded(self, work: Callable[[list[str]], bytes], name: str, words: list[str]) -> ExecResult:
        try:
            return ExecResult(0, work(words), b"")
        except OSError as error:
            said = f"{name}: {error}\n" if error.args and error.args[0] else ""
            return ExecResult(1, b"", said.encode())

    def _cat(self, words: list[str]) -> bytes:
        return b"".join(self._file(word) for word in words)

    def _file(self, path: str) -> bytes:
        if path == "/etc/hostname":
            return f"{self._hostname}\n".encode()
        try:
            return self._files.read(path)
        except FileNotFoundError:
            raise FileNotFoundError(f"can't open '{path}': No such file or directory") from None

    def _ls(self, words: list[str]) -> bytes:
        folders = [word for word in words if not word.startswith("-")] or ["/"]
        return "".join(f"{name}\n" for folder in folders for name in self._files.names(folder)).encode()

    def _printenv(self, words: list[str]) -> bytes:
        return "".join(f"{self._env[word]}\n" for word in words if word in self._env).encode()

    def _test(self, words: list[str]) -> bytes:
        if len(words) != 2 or words[0] not in ("-e", "-f", "-d", "-r") or not self._files.exists(words[1]):
            raise OSError
        return b""

    def _touch(self, words: list[str]) -> bytes:
        for word in words:
            if not self._files.exists(word):
                self._files.write(word, b"")
        return b""

    def _fail(self, words: list[str]) -> bytes:
        raise OSError
