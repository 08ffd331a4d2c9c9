"""Whatever stands in a file, nothing of it stands in what we say about the file."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.errors import AzukariError, BadInput
from azukari.roll.checks import REASONS
from azukari.roll.columns import FILES
from azukari.roll.intake import Intake, take_in

Rows = dict[str, list[list[str]]]
Write = Callable[..., dict[str, bytes]]
Take = Callable[[Mapping[str, bytes]], Intake]

_CELLS = [(file, at) for file, columns in FILES.items() for at in range(len(columns))]
# One for every way a cell can be wrong; each holds the marker.
_MARKER = "ZZ秘密9876"
_POISON = [
    _MARKER,
    f"{_MARKER}\x00",
    f"-{_MARKER}",
    f'{_MARKER}"',
    f"{_MARKER},{_MARKER}",
    "9" * 40,
]


@pytest.mark.parametrize("file, at", _CELLS)
@pytest.mark.parametrize("poison", _POISON)
@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_attack_a_faulty_value_in_any_column_is_never_repeated(
    right: Rows,
    written: Write,
    taken: Take,
    capfd: pytest.CaptureFixture[str],
    file: str,
    at: int,
    poison: str,
    encoding: str,
) -> None:
    right[file][1][at] = poison

    report = taken(written(right, encoding)).report

    said = repr(report) + "".join(str(refusal) for refusal in report.refusals)
    said += "".join(capfd.readouterr())
    for word in (_MARKER, "秘密", "9876", "99999"):
        assert word not in said


@pytest.mark.parametrize("file", list(FILES))
def test_attack_a_value_in_the_header_is_never_repeated(
    right: Rows, written: Write, taken: Take, file: str
) -> None:
    right[file][0].append(_MARKER)

    with pytest.raises(BadInput) as caught:
        taken(written(right))

    assert _MARKER not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_reason_has_a_sentence(right: Rows, written: Write, taken: Take) -> None:
    right["register"][1][0] = "x"

    (refusal, *_) = taken(written(right)).report.refusals

    assert (
        str(refusal)
        == "register:2: 住民番号: not-digits: the cell holds something other than the digits 0 to 9"
    )
    assert all(sentence == sentence.strip() and sentence for sentence in REASONS.values())


@given(
    file=st.sampled_from(list(FILES)),
    raw=st.binary(max_size=400),
    behind_header=st.booleans(),
    encoding=st.sampled_from(["cp932", "utf-8", "utf-8-sig"]),
)
@settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_are_taken_in_or_refused(
    right: Rows,
    written: Write,
    taken: Take,
    file: str,
    raw: bytes,
    behind_header: bool,
    encoding: str,
) -> None:
    files = written(right)
    header = ",".join(column.header for column in FILES[file]) + "\r\n"
    files[file] = (header.encode(encoding) if behind_header else b"") + raw

    try:
        report = taken(files).report.files[file]
    except AzukariError:
        refused = True
    else:
        refused = False
        assert report.rows_read == report.rows_kept + report.rows_refused
    assert not (refused and behind_header)


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_flipped_byte_is_taken_in_or_refused(
    right: Rows, written: Write, taken: Take, data: st.DataObject
) -> None:
    files = written(right)
    file = data.draw(st.sampled_from(list(FILES)))
    at = data.draw(st.integers(0, len(files[file]) - 1))
    changed = bytearray(files[file])
    changed[at] ^= data.draw(st.integers(1, 255))
    files[file] = bytes(changed)

    with contextlib.suppress(BadInput):  # a file without its header
        taken(files)


def test_attack_a_file_that_cannot_be_read_says_nothing_of_its_path(
    right: Rows, written: Write
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error", f"/media/{_MARKER}/register.csv")

    streams = {file: io.BytesIO(raw) for file, raw in written(right).items()}

    with pytest.raises(BadInput, match="register: the file cannot be read") as caught:
        take_in({**streams, "register": Broken()})

    assert caught.value.__suppress_context__


def test_attack_a_billion_quotes_are_read_in_time(right: Rows, written: Write, taken: Take) -> None:
    files = written(right)
    files["register"] += b'"\r\n"",\r\n' * 20_000 + b'",' * 200_000

    report = taken(files).report.files["register"]

    assert report.rows_read == report.rows_kept + report.rows_refused
