"""The system calls that student code is refused, as a filter for bubblewrap's --seccomp.

bubblewrap's namespaces decide what can be seen; this decides what can be used up. Without new
processes or threads, and without memory that belongs to no process, the limits on the one process
are limits on the whole sandbox. (RLIMIT_NPROC would not do: the kernel does not apply it to root,
not even to root in a user namespace.)
"""

import platform
import struct

# name: number on x86_64, number on aarch64 (None: there is no such call)
REFUSED = {
    # new processes and threads
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    # memory outside the process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # what a file system keeps in the kernel's memory, and locks, which hold on the host's files too
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "flock": (73, 32),
    # the network; socketpair stays
    "socket": (41, 198),
    # ways into the kernel that a calculation has no use for
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
}
FCNTL = (72, 25)  # refused for these only, of <linux/fcntl.h>: locks, leases, being notified, and larger pipes
FCNTL_REFUSED = (6, 7, 37, 38, 1024, 1026, 1031)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # <linux/audit.h>
X32 = 0x40000000  # from here on: the same calls under other numbers

LOAD, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x15, 0x35, 0x06  # <linux/bpf_common.h>
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # <linux/seccomp.h>; 1 is EPERM
NUMBER_AT, ARCHITECTURE_AT, SECOND_ARGUMENT_AT = 0, 4, 24  # in struct seccomp_data


def program(machine: str = platform.machine()) -> bytes:
    """The filter as the kernel reads it; KeyError for a machine whose numbers are not listed."""
    architecture, column = ARCHITECTURES[machine], list(ARCHITECTURES).index(machine)
    numbers = [call[column] for call in REFUSED.values() if call[column] is not None]
    lines = [(LOAD, 0, 0, ARCHITECTURE_AT), (JUMP_EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    # What is listed jumps to the end, which is the refusal; each jump says how many lines it leaves out.
    end = len(numbers) + len(FCNTL_REFUSED) + 5
    listed = [(LOAD, 0, 0, NUMBER_AT), (JUMP_FROM, end - 2, 0, X32)]
    listed += [(JUMP_EQUAL, end - 3 - i, 0, number) for i, number in enumerate(numbers)]
    listed += [(JUMP_EQUAL, 0, len(FCNTL_REFUSED) + 1, FCNTL[column]), (LOAD, 0, 0, SECOND_ARGUMENT_AT)]
    listed += [(JUMP_EQUAL, len(FCNTL_REFUSED) - i, 0, command) for i, command in enumerate(FCNTL_REFUSED)]
    lines += [*listed, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
