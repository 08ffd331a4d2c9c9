"""Our sealed stream as a program, so that it is measured as the others are: from its start.

``python -m benches.peers.stream seal|open KEY SOURCE TARGET``; the key is 32 bytes in a file.
A carrier also signs an envelope and reads everything back; this is the stream alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from azukari.seal.stream import SEGMENT_BYTES, SealedReader, SealingWriter, part_key

CARRIER: Final = "0" * 26
PART: Final = "0000"


def main(verb: str, key_file: str, source: str, target: str) -> None:
    """Seal or open one file."""
    key = part_key(Path(key_file).read_bytes(), CARRIER, PART)
    with Path(source).open("rb", 0) as taken, Path(target).open("wb", 0) as given:
        block = memoryview(bytearray(SEGMENT_BYTES))
        if verb == "open":
            reader = SealedReader(taken, key, CARRIER, PART)
            while got := reader.readinto(block):
                given.write(block[:got])
            return
        writer = SealingWriter(given, key, CARRIER, PART)
        while got := taken.readinto(block):
            writer.write(block[:got])
        writer.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
