"""What becomes of memory that arrays give back."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""glibc's `M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD`, see mallopt(3)."""
KEPT = 256 * 2**20
"""Bytes that may stay unused."""
LARGEST_MMAP_THRESHOLD = 32 * 2**20


def keep_freed_memory() -> None:
    """Keep it for the next arrays, up to 256 MB, rather than give it to the system and ask for it again in every period.

    Whether the C library gives it back hangs on chance, on what lies behind it; then a period of a wide batch, which makes
    arrays of megabytes, can take four times as long. It is the whole process that is changed, so that commands do this, and
    no import. Nothing where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS; Windows has no library of this process's
        return
    mallopt(TRIM_THRESHOLD, KEPT)
    mallopt(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
