"""A window that shows one image after the other, by Python's own tkinter."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..foundation.errors import InputError

PACE = 0.25
"""Least time between two images [s]."""


class PictureWindow:
    """Opens at once; one that its user closes stays closed. Raises InputError where there is no tkinter or no display."""

    def __init__(self, title: str) -> None:
        try:
            import tkinter
        except ImportError as error:
            raise _refused(error) from None
        try:
            self._root: Any = tkinter.Tk()
        except tkinter.TclError as error:
            raise _refused(error) from None
        self._gone = tkinter.TclError
        self._make = tkinter.PhotoImage
        self._root.title(title)
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        self._label = tkinter.Label(self._root)
        self._label.pack()
        self._due = 0.0

    def show(self, image: NDArray[np.uint8]) -> None:
        """Put an image (height, width, 3) in place of the last, once that has been there for a moment."""
        try:
            while self._root is not None and time.monotonic() < self._due:
                self._root.update()
                time.sleep(0.01)
            if self._root is not None:
                self._put(image)
        except self._gone:  # the display has gone, and a picture is no reason to end a run
            self._root = None
        self._due = time.monotonic() + PACE

    def close(self) -> None:
        """Close it, if it is open."""
        root, self._root = self._root, None
        if root is not None:
            root.destroy()

    def _put(self, image: NDArray[np.uint8]) -> None:
        height, width = image.shape[:2]
        smaller = math.ceil(max(height / self._root.winfo_screenheight(), width / self._root.winfo_screenwidth()))
        shown = np.ascontiguousarray(image[::smaller, ::smaller])
        header = f"P6 {shown.shape[1]} {shown.shape[0]} 255\n".encode()
        self._photo = self._make(master=self._root, data=header + shown.tobytes(), format="PPM")
        self._label.configure(image=self._photo)
        self._root.update()


def _refused(error: Exception) -> InputError:
    return InputError("render_mode", f"human ({error})", "rgb_array or ansi, which need neither tkinter nor a display")
