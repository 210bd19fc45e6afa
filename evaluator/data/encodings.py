"""The encoding of a file of text: UTF-8, what a byte order mark says, or what the user named."""

import codecs
from gzip import GzipFile
from io import BufferedReader

from evaluator.errors import DataError
from evaluator.locale import N_

Bytes = BufferedReader | GzipFile  # of a file, decompressed
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
USUAL = "gbk", "big5", "shift_jis", "cp949", "cp1252", "cp1251"  # of files that are not UTF-8
TIDY = 0.12  # share of odd characters below which a short text may well be in an encoding
BLOCK = 1 << 20


def encoding_of(file: Bytes, named: str = "") -> str:
    """The encoding of a file that was just opened.

    The `named` one is for files that are not UTF-8, so that it may stand for several files at once.
    """
    head = file.peek(3)  # a pipe cannot be read again
    if marked := next((MARKS[mark] for mark in MARKS if head.startswith(mark)), None):
        return marked
    return named if named and not _is_utf8(file) else "utf-8"


def _is_utf8(file: Bytes) -> bool:
    """Whether the whole file is UTF-8; other encodings have zeros, which text in it has not."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(BLOCK):
            if b"\0" in block:
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def undecodable(place: str, error: UnicodeDecodeError) -> DataError:
    """What to tell of bytes that are not in the encoding that they were read in."""
    if error.encoding.lower() not in ("utf-8", "utf8"):
        return DataError(
            N_(
                "{place}: not {encoding} either; save it as UTF-8",
                place=place,
                encoding=error.encoding,
            )
        )
    likely = likely_encoding(error.object)
    guess = f", but probably {likely}" if likely else ""
    return DataError(
        N_(
            "{place}: not UTF-8{guess}; save it as UTF-8, or read a file of your own with "
            "--encoding {likely}",
            place=place,
            guess=guess,
            likely=likely or "NAME",
        )
    )


def likely_encoding(data: bytes) -> str:
    """The likeliest encoding of some text; empty where none fits.  The text may be cut off."""
    from charset_normalizer import from_bytes  # only a mistake needs it

    whole_lines = data[: data.rfind(b"\n") + 1] or data
    fitting = {found.encoding: found for found in from_bytes(whole_lines, cp_isolation=[*USUAL])}
    known = [name for name in USUAL if name in fitting]  # of equals the first is the likeliest
    return min(known, key=lambda name: max(fitting[name].chaos, TIDY), default="")
