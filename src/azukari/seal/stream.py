"""The sealed stream: bytes go in, bytes come out that say nothing without their key.

The wire format is Tink's streaming AEAD ``AES256_GCM_HKDF_1MB`` (HKDF-SHA256, AES-256-GCM,
1 MiB segments), so that a program written by others opens what we seal.  Inside it stands
``content ‖ zero padding ‖ u64 big-endian content length``, together one size step, so that the
size of a file tells its content's size to a factor of two and no better.

Not here: which key, who may have it, where the file lies.  docs/spec/carrier-v1.md specifies it.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time, hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from azukari.errors import BadFormat, Damaged, WrongKey

KEY_BYTES: Final = 32
HEADER_BYTES: Final = 40  # one byte that counts the header, 32 of salt, 7 of nonce prefix
SEGMENT_BYTES: Final = 1 << 20  # of ciphertext, tag included; the first holds the header too
TAG_BYTES: Final = 16
LENGTH_BYTES: Final = 8
SMALLEST_STEP: Final = 1 << 16
LARGEST_STEP: Final = 1 << 31  # the next would not fit a FAT32 file
_FIRST: Final = SEGMENT_BYTES - HEADER_BYTES - TAG_BYTES  # plaintext bytes of the first segment
_REST: Final = SEGMENT_BYTES - TAG_BYTES  # and of every later one
_ZEROS: Final = bytes(_REST)


class Sink(Protocol):
    """Where sealed bytes go."""

    def write(self, data: bytes | memoryview, /) -> object: ...


def part_key(carrier_key: bytes, carrier: str, part: str) -> bytes:
    """The key of one part, from its carrier's key."""
    return _hkdf(carrier_key, b"", _context("part", carrier, part))


def commitment(key: bytes, carrier: str, part: str) -> bytes:
    """What the envelope says of a part's key, so that *wrong key* is not *damaged*.

    AES-GCM does not commit to its key; this does, so one part has one content.
    """
    return _hkdf(key, b"", _context("commit", carrier, part))


def size_step(content_bytes: int) -> int:
    """The plaintext size, padding and length included, for that much content."""
    step = SMALLEST_STEP
    while step < content_bytes + LENGTH_BYTES:
        step *= 2
    if step > LARGEST_STEP:
        raise BadFormat(f"a part holds at most {LARGEST_STEP - LENGTH_BYTES} bytes")
    return step


def sealed_size(step: int) -> int:
    """The file size of a plaintext of ``step`` bytes."""
    return HEADER_BYTES + step + TAG_BYTES * _segments(step)


def step_of(size: int) -> int | None:
    """The plaintext step behind a file's size; None where no sealed part has that size."""
    step = SMALLEST_STEP
    while step <= LARGEST_STEP:
        if sealed_size(step) == size:
            return step
        step *= 2
    return None


class SealingWriter(io.RawIOBase):
    """An append-only binary file that seals what is written to it.

    The caller writes, then calls `finish` once; only then do the last segment, the padding and
    the length exist.  A writer that is closed without `finish` leaves bytes that no reader
    accepts.  Nothing is durable before the sink is.

    Attributes after `finish`: ``size`` (bytes of the file), ``sha256`` (of the file), ``head``
    (its first 40 bytes), ``commit``.
    """

    def __init__(self, sink: Sink, key: bytes, carrier: str, part: str) -> None:
        super().__init__()
        self._sink = sink
        # A fresh salt for every stream: two streams under one key never share a nonce.
        self.head = bytes([HEADER_BYTES]) + os.urandom(HEADER_BYTES - 1)
        self.commit = commitment(key, carrier, part)
        self._cipher = _cipher(key, self.head, carrier, part)
        self._plain = memoryview(bytearray(_REST))
        self._sealed, self._spare = (memoryview(bytearray(SEGMENT_BYTES)) for _ in range(2))
        self._room, self._filled, self._segment = _FIRST, 0, 0
        self._digest = hashlib.sha256()
        # The digest costs more than the sealing: whole segments are hashed in a thread, one at a
        # time and in order, while they are written and the next one is filled.
        self._hasher = ThreadPoolExecutor(1)
        self._hashing: Future[None] | None = None
        self.content_bytes = 0
        self.size = 0
        self.finished = False
        self._failed = False
        self._emit(self.head)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        view = memoryview(data).cast("B")
        self._check_open()
        self._put(view)
        self.content_bytes += len(view)
        return len(view)

    def tell(self) -> int:
        return self.content_bytes

    def finish(self, step: int | None = None) -> None:
        """Pad to ``step`` bytes (the smallest that fits by default), seal the last segment."""
        self._check_open()
        least = size_step(self.content_bytes)
        step = least if step is None else step
        if step < least or size_step(step - LENGTH_BYTES) != step:
            raise BadFormat(f"{step} is not a size step for {self.content_bytes} bytes")
        left = step - LENGTH_BYTES - self.content_bytes
        while left:
            left -= self._put(memoryview(_ZEROS)[: min(left, _REST)])
        self._put(memoryview(self.content_bytes.to_bytes(LENGTH_BYTES, "big")))
        self._seal_segment(last=True)
        self._settle()
        self._hasher.shutdown()
        self.sha256 = self._digest.digest()
        self.finished = True

    def _put(self, view: memoryview) -> int:
        done = 0
        while done < len(view):
            # A full segment is sealed only when more follows: the last one carries a flag.
            if self._filled == self._room:
                self._seal_segment(last=False)
            take = min(self._room - self._filled, len(view) - done)
            self._plain[self._filled : self._filled + take] = view[done : done + take]
            self._filled += take
            done += take
        return done

    def _seal_segment(self, *, last: bool) -> None:
        size = self._filled + TAG_BYTES
        nonce = _nonce(self.head, self._segment, last=last)
        self._cipher.encrypt_into(nonce, self._plain[: self._filled], None, self._sealed[:size])
        self._emit(self._sealed[:size])
        # Two buffers in turn: the one just written may still be read by the hasher.
        self._sealed, self._spare = self._spare, self._sealed
        self._room, self._filled, self._segment = _REST, 0, self._segment + 1

    def _emit(self, data: bytes | memoryview) -> None:
        self._failed = True  # Until the sink took it: a second try could use a nonce twice.
        self._settle()
        if len(data) < SEGMENT_BYTES:
            self._digest.update(data)
        else:
            self._hashing = self._hasher.submit(self._digest.update, data)
        self._sink.write(data)
        self._failed = False
        self.size += len(data)

    def _settle(self) -> None:
        """Wait until everything emitted is in the digest."""
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None

    def _check_open(self) -> None:
        if self.finished:
            raise BadFormat("a sealed stream that is finished takes no more bytes")
        if self._failed:
            raise BadFormat("a sealed stream whose sink failed takes no more bytes")


class SealedReader(io.RawIOBase):
    """A seekable binary file over a sealed one.

    Opening authenticates the last segment first (so a shortened file is noticed at once), finds
    the length there and reads the padding back; every other segment is authenticated when it is
    read.  Raises `WrongKey` before anything is decrypted where ``commit`` is given and the key is
    another one, `Damaged` for bytes that were changed, `BadFormat` for what is no sealed stream.
    """

    def __init__(
        self, file: BinaryIO, key: bytes, carrier: str, part: str, *, commit: bytes | None = None
    ) -> None:
        super().__init__()
        self._file, self._where = file, f"part {part} of carrier {carrier}"
        if commit is not None and not constant_time.bytes_eq(
            commit, commitment(key, carrier, part)
        ):
            raise WrongKey(f"{self._where}: this is not its key")
        size = file.seek(0, os.SEEK_END)
        step = step_of(size)
        if step is None:
            raise BadFormat(f"{self._where}: {size} bytes are no size of a sealed part")
        file.seek(0)
        self._head = file.read(HEADER_BYTES)
        if len(self._head) != HEADER_BYTES or self._head[0] != HEADER_BYTES:
            raise BadFormat(f"{self._where}: not a sealed stream")
        self._cipher = _cipher(key, self._head, carrier, part)
        self._step, self._last = step, _segments(step) - 1
        self._held, self._at = -1, 0
        self._buffer = bytearray(_REST)
        self._plain = memoryview(self._buffer)
        self._sealed = memoryview(bytearray(SEGMENT_BYTES))
        self.length = self._find_length()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.length}[whence]
        if base + offset < 0:
            raise BadFormat("a position before the start")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        with memoryview(buffer).cast("B") as view:
            want = min(len(view), max(0, self.length - self._at))
            self._copy(view[:want], self._at)
        self._at += want
        return want

    def verify(self) -> None:
        """Authenticate every segment, those nobody asked for included."""
        for segment in range(self._last + 1):
            self._hold(segment)

    def _copy(self, view: memoryview, start: int) -> None:
        done = 0
        while done < len(view):
            segment, offset = _position(start + done)
            room = self._hold(segment)
            take = min(room - offset, len(view) - done)
            view[done : done + take] = self._plain[offset : offset + take]
            done += take

    def _hold(self, segment: int) -> int:
        """Decrypt one segment into the buffer; returns how much plaintext it has."""
        first, end = _bounds(segment, self._step)
        room = end - first
        if self._held == segment:
            return room
        self._held = -1
        self._file.seek(HEADER_BYTES + first + TAG_BYTES * segment)
        sealed = self._sealed[: room + TAG_BYTES]
        if _read_fully(self._file, sealed) != len(sealed):
            raise Damaged(f"{self._where}: segment {segment} of {self._last + 1} is cut")
        nonce = _nonce(self._head, segment, last=segment == self._last)
        try:
            self._cipher.decrypt_into(nonce, sealed, None, self._plain[:room])
        except InvalidTag:
            raise Damaged(
                f"{self._where}: segment {segment} of {self._last + 1} was changed"
            ) from None
        self._held = segment
        return room

    def _find_length(self) -> int:
        room = self._hold(self._last)
        length = int.from_bytes(self._plain[room - LENGTH_BYTES : room], "big")
        if length > self._step - LENGTH_BYTES:
            raise Damaged(f"{self._where}: an impossible length")
        self.length = self._step  # so that the padding can be read back
        self._check_zeros(length, self._step - LENGTH_BYTES)
        return length

    def _check_zeros(self, start: int, end: int) -> None:
        while start < end:
            segment, offset = _position(start)
            upto = min(self._hold(segment), offset + end - start)
            # Comparing at once is fifteen times faster than counting zeros, byte by byte.
            if not self._buffer.startswith(_ZEROS[: upto - offset], offset):
                raise Damaged(f"{self._where}: its padding is not empty")
            start += upto - offset


def open_sealed(
    file: BinaryIO, key: bytes, carrier: str, part: str, *, commit: bytes | None = None
) -> io.BufferedReader:
    """A buffered, seekable reader of one sealed part."""
    return io.BufferedReader(SealedReader(file, key, carrier, part, commit=commit), 1 << 16)


def seal_bytes(content: bytes, key: bytes, carrier: str, part: str) -> bytes:
    """A small content sealed in memory."""
    out = io.BytesIO()
    writer = SealingWriter(out, key, carrier, part)
    writer.write(content)
    writer.finish()
    return out.getvalue()


def _context(use: str, carrier: str, part: str) -> bytes:
    if "|" in carrier or "|" in part:
        raise BadFormat("a name of a carrier or part holds no |")
    return f"azukari/{use}/1|{carrier}|{part}".encode()


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise BadFormat(f"a key is {KEY_BYTES} bytes")
    return HKDF(hashes.SHA256(), KEY_BYTES, salt or None, info).derive(key)


def _cipher(key: bytes, head: bytes, carrier: str, part: str) -> AESGCM:
    return AESGCM(_hkdf(key, head[1:33], _context("part", carrier, part)))


def _nonce(head: bytes, segment: int, *, last: bool) -> bytes:
    return head[33:40] + segment.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _segments(step: int) -> int:
    return 1 if step <= _FIRST else 1 - (_FIRST - step) // _REST


def _bounds(segment: int, step: int) -> tuple[int, int]:
    """Where a segment's plaintext begins and ends."""
    first = 0 if segment == 0 else _FIRST + (segment - 1) * _REST
    return first, min(step, _FIRST + segment * _REST)


def _position(at: int) -> tuple[int, int]:
    """The segment a plaintext position lies in, and how far in."""
    return (0, at) if at < _FIRST else (1 + (at - _FIRST) // _REST, (at - _FIRST) % _REST)


def _read_fully(file: BinaryIO, view: memoryview) -> int:
    read: Callable[[memoryview], int | None] = file.readinto  # type: ignore[attr-defined]
    got = 0
    while got < len(view):
        more = read(view[got:])
        if not more:
            break
        got += more
    return got
