"""Parquet's own encryption as pyarrow's pages show it: a key service, a footer key, column keys.

The key service is a table in memory that says no once a key is revoked.  `revoked` and `roles`
are what such a service could know; nothing of it is recorded anywhere.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from benches.peers.tools import Refused, Tool

FOOTER: Final = "footer"


class KeyService(pe.KmsClient):  # type: ignore[misc]  # pyarrow has no types
    """Wraps by exclusive or with a key of its own: who may ask is what counts here."""

    revoked: set[str] = set()  # noqa: RUF012  shared on purpose: one service

    def __init__(self, _config: object = None) -> None:
        super().__init__()

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(self._mix(key_bytes, master_key_identifier))

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        if master_key_identifier in self.revoked:
            raise PermissionError("the key service says no")
        return self._mix(base64.b64decode(wrapped_key), master_key_identifier)

    def _mix(self, key: bytes, name: str) -> bytes:
        pad = (name.encode() * 64)[: len(key)]
        return bytes(a ^ b for a, b in zip(key, pad, strict=True))


class ParquetEncryption(Tool):
    """pyarrow's `CryptoFactory`, one key for the footer and one for each column."""

    name = "Parquet encryption"
    password = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        KeyService.revoked.clear()
        self.running = self.factory()

    @classmethod
    def missing(cls) -> str:
        return ""

    @classmethod
    def version(cls) -> str:
        return f"{cls.name} (pyarrow {pa.__version__})"

    def seal(self, source: Path, sealed: Path, *, leave_out: str = "") -> Path:
        table = pq.read_table(source)
        keys = {f"k-{name}": [name] for name in table.column_names if name != leave_out}
        how = pe.EncryptionConfiguration(footer_key=FOOTER, column_keys=keys)
        sealing = self.factory().file_encryption_properties(pe.KmsConnectionConfig(), how)
        with pq.ParquetWriter(sealed, table.schema, encryption_properties=sealing) as writer:
            writer.write_table(table)
        return sealed

    def open(self, sealed: Path, back: Path) -> None:
        pq.write_table(self.read(sealed, None, self.factory()), back)

    def read(self, sealed: Path, columns: list[str] | None, factory: Any) -> pa.Table:
        """Some columns, by a program with that factory."""
        life = pe.DecryptionConfiguration(cache_lifetime=timedelta(seconds=1))
        opening = factory.file_decryption_properties(pe.KmsConnectionConfig(), life)
        try:
            with pq.ParquetFile(sealed, decryption_properties=opening) as file:
                return file.read(columns)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Refused(type(error).__name__) from None

    def revoke(self) -> str:
        KeyService.revoked.add(FOOTER)
        return "its footer key revoked"

    def factory(self) -> Any:
        """What a program that just started has."""
        return pe.CryptoFactory(lambda config: KeyService(config))
