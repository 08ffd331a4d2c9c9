"""Calls that only POSIX has stand in one guarded file; no text is in a local encoding."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import azukari

HOME = Path(azukari.__file__).parent
GUARDED = HOME / "shelf" / "machine.py"
FILES = sorted(path for path in HOME.rglob("*.py") if path != GUARDED)
_MODULES = "crypt fcntl grp nis posix pty pwd resource spwd syslog termios tty"
MODULES = frozenset(_MODULES.split())
#: What Python 3.11's documentation marks as Unix, by the module that has it, and three that
#: behave differently: `os.link` (no links on a stick), `os.O_RDONLY`, `os.O_BINARY`.
_NAMES = {
    "os": """WCONTINUED WNOHANG WUNTRACED chown chroot confstr copy_file_range ctermid eventfd
        fchdir fchmod fchown fdatasync fork forkpty fpathconf fstatvfs getegid geteuid getgid
        getgrouplist getgroups getloadavg getpgid getpgrp getpriority getrandom getresgid getresuid
        getsid getuid initgroups killpg lchmod lchown lockf major makedev memfd_create minor mkfifo
        mknod nice openpty pathconf pipe2 posix_fadvise posix_fallocate posix_spawn posix_spawnp
        pread preadv pwrite pwritev readv register_at_fork sched_getaffinity sched_setaffinity
        sched_yield sendfile setegid seteuid setgid setgroups setpgid setpgrp setpriority setregid
        setresgid setresuid setreuid setsid setuid setxattr getxattr listxattr removexattr splice
        statvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait wait3 wait4 waitid writev
        link O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY
        O_NOFOLLOW O_NONBLOCK O_PATH O_RSYNC O_SYNC O_TMPFILE O_RDONLY O_BINARY""",
    "signal": """SIGALRM SIGBUS SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGPOLL SIGPROF SIGQUIT
        SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGWINCH alarm getitimer pause
        pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigtimedwait sigwait
        sigwaitinfo""",
    "select": "epoll kqueue poll",
    "shutil": "chown",
    "socket": "AF_UNIX SCM_RIGHTS SO_PEERCRED",
    "time": "clock_gettime clock_gettime_ns tzset",
}
NAMES = {module: frozenset(names.split()) for module, names in _NAMES.items()}
METHODS = frozenset(("add_signal_handler", "hardlink_to"))
TEXTS = {"read_text": 0, "write_text": 1}


def name(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def posix_only(tree: ast.AST) -> Iterator[str]:
    """Everything in a file that Windows would not know.

    `os.O_RDONLY` is among it: a file is opened for reading by `Path.open`; who needs the flag
    opens a folder.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.module
        elif isinstance(node, ast.ImportFrom) and node.module in NAMES:
            taken = (a.name for a in node.names if a.name in NAMES[str(node.module)])
            yield from (f"{node.module}.{each}" for each in taken)
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield node.attr
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in NAMES.get(node.value.id, ())
        ):
            yield f"{node.value.id}.{node.attr}"


def locally_encoded(tree: ast.AST) -> Iterator[str]:
    """Texts read or written in whatever encoding the machine prefers: CP932 on a city's Windows."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        said = {keyword.arg for keyword in node.keywords}
        if isinstance(node.func, ast.Attribute) and node.func.attr in TEXTS:
            if "encoding" not in said and len(node.args) <= TEXTS[node.func.attr]:
                yield node.func.attr
        elif (
            (isinstance(node.func, ast.Name) and node.func.id == "open")
            or (isinstance(node.func, ast.Attribute) and node.func.attr in ("open", "fdopen"))
        ) and _opens_text(node):
            yield "open"


def _opens_text(call: ast.Call) -> bool:
    """Whether a mode is given, it is none of bytes, and no encoding stands beside it."""
    said = [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]
    modes = [a.value for a in said if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    modes = [mode for mode in modes if 0 < len(mode) <= 3 and set(mode) <= set("rwaxbt+")]
    return any("b" not in m for m in modes) and "encoding" not in {k.arg for k in call.keywords}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_call_that_windows_lacks_stands_outside_the_one_guarded_file(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))

    assert not list(posix_only(tree)), "put it into shelf/machine.py, with what Windows does"
    assert not list(locally_encoded(tree))


def test_who_writes_to_a_handle_itself_opens_it_in_binary() -> None:
    """Windows would write CR LF, and the journal's chain would not follow from its own file."""
    writing = [p for p in FILES if "os.write(" in p.read_text("utf-8")]

    assert writing
    assert not [name(p) for p in writing if "machine.BINARY" not in p.read_text("utf-8")]


@pytest.mark.parametrize(
    "text",
    [
        "import fcntl",
        "def f():\n    from resource import getrusage",
        "import os\nos.fchmod(3, 0)",
        "from os import link",
        "import signal\nsignal.SIGKILL",
        "loop.add_signal_handler(2, f)",
    ],
)
def test_a_call_that_windows_lacks_is_noticed(text: str) -> None:
    assert list(posix_only(ast.parse(text)))


@pytest.mark.parametrize(
    "text", ["p.read_text()", "p.write_text(x)", "open(p, 'w')", "p.open('r')", "os.fdopen(3, 'w')"]
)
def test_a_text_in_a_local_encoding_is_noticed(text: str) -> None:
    assert list(locally_encoded(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "p.read_text('utf-8')",
        "p.write_text(x, 'utf-8')",
        "open(p, 'rb')",
        "p.open('w', encoding=e)",
    ],
)
def test_bytes_and_a_named_encoding_are_left_alone(text: str) -> None:
    assert not list(locally_encoded(ast.parse(text)))
