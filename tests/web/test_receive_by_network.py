"""What `azukari carrier receive --from URL` does before anybody signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azukari.cli.call import Call
from azukari.cli.fetching import downloaded
from azukari.errors import NotFound, Unreachable
from azukari.shelf import download
from azukari.shelf.folder import Folder

pytestmark = pytest.mark.real


def site(door: Any) -> Call:
    return Call(door.city.device_home, now=door.city.clock.now)


def test_a_carrier_is_fetched_checked_and_nothing_is_left_beside_it(
    door: Any, tmp_path: Path
) -> None:
    into = tmp_path / "arrived"

    downloaded(site(door), f"http://{door.host}", door.carrier, into)

    assert Folder(door.sealed).envelope() == Folder(into).envelope()
    assert not (tmp_path / "arrived.arriving").exists()


def test_where_the_line_breaks_there_is_no_carrier_and_the_same_call_goes_on(
    door: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into, url = tmp_path / "arrived", f"http://{door.host}"

    def breaks(*_: Any) -> None:
        raise Unreachable("the line broke")

    with monkeypatch.context() as patch:
        patch.setattr(download, "_copy", breaks)
        with pytest.raises(Unreachable):
            downloaded(site(door), url, door.carrier, into)

    assert not into.exists()
    downloaded(site(door), url, door.carrier, into)
    assert Folder(door.sealed).envelope() == Folder(into).envelope()


def test_what_is_not_given_leaves_nothing(door: Any, tmp_path: Path) -> None:
    into = tmp_path / "arrived"

    with pytest.raises(NotFound):
        downloaded(site(door), f"http://{door.host}", door.city.carriers[0], into)

    assert not into.exists()
    assert not (tmp_path / "arrived.arriving").exists()
