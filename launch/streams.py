"""What a command wrote to a file, passed on to where it would have gone."""

import shutil
from typing import BinaryIO, TextIO


def pass_on(written: BinaryIO, to: TextIO) -> None:
    written.seek(0)
    to.flush()
    shutil.copyfileobj(written, to.buffer)
    to.flush()
