"""python3 launch/install project | cpu | gpu: makes that environment, or finds it ready.

`can-serve` only checks the server's, so that nothing is installed on a machine that cannot serve.

This file and `pythons` run on any python3 from 3.6 on, so that an old one can say that it is too
old, or hand over to a newer one. The rest needs Python 3.11.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).absolute().parent
ROOT = HERE.parents[1]
# Python puts this folder first, whose modules must not hide those of the standard library.
sys.path[:] = [str(ROOT), *(each for each in sys.path if Path(each).absolute() != HERE)]

from launch.install import pythons  # noqa: E402  # it is found only now
from launch.locale import said, speak  # noqa: E402


def main() -> int:
    speak(())
    arguments = pythons.parse(sys.argv[1:], ROOT)
    if arguments is None:
        return 0
    found = pythons.find(arguments, ROOT)
    if found.problem:
        sys.stderr.write(said(found.problem) + "\n")
        return 2
    if found.path != sys.executable:
        words = [found.path, *sys.argv, "--settled", "--remark", said(found.remark)]
        os.execv(found.path, words)
    from launch.install import command

    return command.main(arguments, ROOT)


if __name__ == "__main__":
    sys.exit(main())
