"""Captured output of a command, copied to where it would have gone."""

import shutil
from typing import BinaryIO, TextIO


def copy_captured(captured: BinaryIO, target: TextIO) -> None:
    captured.seek(0)
    target.flush()
    shutil.copyfileobj(captured, target.buffer)
    target.flush()
