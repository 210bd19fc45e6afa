"""Captured output of a command, copied to where it would have gone."""

import errno
import shutil
from typing import BinaryIO, TextIO

NO_READER = (errno.EIO, errno.EPIPE)  # of a terminal that was closed, of a pipe


def copy_captured(captured: BinaryIO, target: TextIO) -> None:
    """Where nobody reads it any more, servers are still to be stopped: that is no error."""
    captured.seek(0)
    try:
        target.flush()
        shutil.copyfileobj(captured, target.buffer)
        target.flush()
    except OSError as error:
        if error.errno not in NO_READER:
            raise
