"""Fields: whole things only, and any bytes have some or none."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.rehearse.fields import fields


@settings(deadline=None, max_examples=300)
@given(
    data=st.one_of(
        st.binary(max_size=200), st.text("<!-[]&;\"'{}\n,=/%架 a\0", max_size=200).map(str.encode)
    ),
    name=st.sampled_from(["a.html", "a.csv", "a.json", "a"]),
)
def test_any_bytes_have_fields_or_none(data: bytes, name: str) -> None:
    assert all(isinstance(field, str) for field in fields(data, name))


def test_bytes_that_are_no_text_have_no_fields() -> None:
    assert list(fields(b"\xff\x80\0\x81", "part.azs")) == []


def test_a_deep_json_is_read_as_lines() -> None:
    assert "架空" in list(fields(("[" * 200_000 + ' "架空"').encode(), "a.json"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_table_is_read_in_its_encoding(encoding: str) -> None:
    found = list(fields('氏名,年\r\n"架空, 太郎", 3 \r\n'.encode(encoding), "a.csv"))

    assert found == ["氏名", "年", "架空, 太郎", "3"]


def test_json_inside_a_signed_payload_is_read() -> None:
    payload = base64.b64encode(json.dumps({"who": ["架空"]}).encode()).decode()
    nested = json.dumps({"payload": payload, "log": '{"town": "例示町"}'}).encode()

    assert {"架空", "例示町", "who", "town"} <= set(fields(nested, "envelope.json"))
