"""A filter of system calls, as the kernel reads it: no further process or thread, no signals.

Limits of memory then hold for a program as a whole. bubblewrap loads the filter last.
"""

import platform
from struct import pack

# By machine: the kernel's name for it, and the numbers of the calls that are refused.
REFUSED = {
    "x86_64": (
        0xC000003E,
        {
            **{"clone": 56, "fork": 57, "vfork": 58, "clone3": 435},
            **{"kill": 62, "tkill": 200, "tgkill": 234, "pidfd_send_signal": 424},
            **{"ptrace": 101, "unshare": 272, "setns": 308, "mount": 165, "bpf": 321},
            **{"keyctl": 250, "add_key": 248, "request_key": 249, "io_uring_setup": 425},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **{"clone": 220, "clone3": 435},
            **{"kill": 129, "tkill": 130, "tgkill": 131, "pidfd_send_signal": 424},
            **{"ptrace": 117, "unshare": 97, "setns": 268, "mount": 40, "bpf": 280},
            **{"keyctl": 219, "add_key": 217, "request_key": 218, "io_uring_setup": 425},
        },
    ),
}
_LOAD, _EQUAL, _LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # instructions of the classic BPF
_NUMBER, _MACHINE = 0, 4  # where the kernel puts the call's number, and the machine
_OTHER_ABI = 0x40000000  # x86-64's second set of numbers begins here
_ALLOW, _KILL, _NOT_PERMITTED = 0x7FFF0000, 0x80000000, 0x00050001


def filter_of(machine: str = "") -> bytes | None:
    """The filter for a machine, this one by default; None where its calls are not known."""
    if (known := REFUSED.get(machine or platform.machine())) is None:
        return None
    architecture, calls = known
    numbers = list(calls.values())
    lines = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_LEAST, 0, 1, _OTHER_ABI),
        (_RETURN, 0, 0, _KILL),
        *((_EQUAL, len(numbers) - i, 0, number) for i, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _NOT_PERMITTED),
    ]
    return b"".join(pack("<HBBI", *line) for line in lines)
