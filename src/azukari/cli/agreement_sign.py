"""``azukari agreement sign``: the processor's half, at the processor's site."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import hands, papers
from azukari.cli.call import Call, acts
from azukari.cli.output import aligned, show
from azukari.seal import documents as doc
from azukari.seal.envelope import Use


@click.command(
    "sign", epilog="Example: azukari agreement sign agreement-7q4m2k-half.json --as jiro"
)
@papers.FILE
@papers.TO
@acts
def sign(call: Call, file: Path, to: Path) -> None:
    """Sign what the city offered, as an officer of the processor; says it all first.

    The city's half is verified against the keys that this site believes.  The whole agreement goes
    back to the office: `azukari in FILE`.
    """
    half = papers.read(file)
    terms = papers.whole(half, doc.Agreement)
    papers.must_be_city(call, half, Use.ORDER)
    _, signer = hands.own(call)
    path = papers.add_hand(half, signer, to)
    value = {"agreement": terms.id, "file": str(path)}
    show(call, value, aligned([*papers.lines(terms), ("signed", path)]))


COMMANDS = {"sign": sign}
