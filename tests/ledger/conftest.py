"""What tests of the ledger share: the reader of a stranger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.ledger.exports import Stranger


@pytest.fixture
def stranger(go_verifier: Path, tmp_path: Path) -> Stranger:
    """The program of tests/verifiers, and an empty folder for what it is given."""
    from tests.ledger.exports import Stranger

    return Stranger(go_verifier, tmp_path)
