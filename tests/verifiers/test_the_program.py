"""The stranger's program itself: formatted as Go has it, and what its page says of it is so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.ledger.exports import LINES, WHOLE, Stranger

from azukari.ledger.proof import Proof, encode_proof
from azukari.ledger.tree import inclusion_proof, leaf_hash, root_of

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "verify.md").read_text(encoding="utf-8")


def told(value: object) -> object:
    """What a JSON value is made of: names and kinds, of a list its first."""
    if isinstance(value, dict):
        return {name: told(inner) for name, inner in value.items()}
    return [told(value[0])] if isinstance(value, list) else type(value)


def test_its_source_is_formatted(go_verifier: Path) -> None:
    """Where it was built there is Go, and with it its formatter."""
    formatter = shutil.which("gofmt")
    assert formatter is not None

    ran = subprocess.run([formatter, "-l", HERE], capture_output=True, text=True, check=True)

    assert ran.stdout == ""


def test_it_takes_nothing_but_its_library() -> None:
    """No network, no code of others: the standard library and golang.org/x/mod/sumdb."""
    sources = [path.read_text(encoding="utf-8") for path in HERE.glob("*.go")]
    imported = {
        name
        for source in sources
        for block in re.findall(r"(?s)^import \((.*?)^\)", source, re.MULTILINE)
        for name in re.findall(r'"([^"]+)"', block)
    }

    dotted = {name for name in imported if "." in name}
    assert {"golang.org/x/mod/sumdb/note", "golang.org/x/mod/sumdb/tlog"} == dotted
    assert not imported & {"C", "net", "net/http", "os/exec", "unsafe", "plugin", "syscall"}
    assert len(sources) == sum("package main" in source for source in sources)


def test_it_prints_what_its_page_shows(stranger: Stranger, tmp_path: Path) -> None:
    entry, proof = tmp_path / "17.entry", tmp_path / "17.tlog-proof"
    leaves = [leaf_hash(line) for line in LINES]
    path = inclusion_proof(17, 300, lambda level, i: root_of(leaves[i << level : (i + 1) << level]))
    proof.write_bytes(encode_proof(Proof(17, tuple(path), WHOLE["cosigned/1"])))
    entry.write_bytes(LINES[17])
    shown = re.search(r"(?s)```json\n(.*?)```", PAGE)
    assert shown is not None

    printed = stranger.verify(WHOLE, "--proof", proof, entry)

    assert told(json.loads(shown[1])) == told(printed)
    assert list(json.loads(shown[1])) == list(printed)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["verify"],
        ["verify", "folder"],
        ["verify", "folder", "key", "--witness"],
        ["verify", "folder", "key", "--proof", "file"],
        ["verify", "folder", "key", "more"],
        ["check", "folder", "key"],
    ],
)
def test_a_command_line_that_it_does_not_understand_is_2(
    go_verifier: Path, words: list[str]
) -> None:
    """Never 0 and never 1: nothing was verified, and nothing was found wrong."""
    ran = subprocess.run([go_verifier, *words], capture_output=True, text=True, check=False)

    assert (2, "") == (ran.returncode, ran.stdout)
    assert ran.stderr.startswith("azukari-verify: ")
    usage = next(one for one in ran.stderr.splitlines() if one.startswith("usage: "))
    assert usage.removeprefix("usage: ") in PAGE


def test_a_folder_that_is_none_is_said_to_be(stranger: Stranger) -> None:
    assert "checkpoint: it is missing" == stranger.verify({})["error"]


def test_it_says_what_is_missing_where_it_cannot_be_built(tmp_path: Path) -> None:
    script = HERE.parents[1] / "tools" / "verifier.sh"
    environment = {"PATH": "/usr/bin:/bin", "AZUKARI_GOPATH": str(tmp_path)}

    ran = subprocess.run(
        [script, tmp_path / "out"], env=environment, capture_output=True, text=True, check=False
    )

    assert (3, False) == (ran.returncode, (tmp_path / "out").exists())
    assert ran.stderr == "verifier: golang-go and golang-golang-x-mod-dev are not installed\n"
