"""in_user_namespace.py UID COMMAND...: as root, becomes COMMAND as `unshare --map-root-user --map-auto` started by UID would: in a
user namespace where UID is root and FIRST_SUBORDINATE and its followers are 1 and up."""
import ctypes
import os
import sys

FIRST_SUBORDINATE = 700_000
SUBORDINATES = 65_535
CLONE_NEWUSER = 0x10000000


def write_maps(pid, uid):
    for kind in ("uid", "gid"):
        with open(f"/proc/{pid}/{kind}_map", "w", encoding="ascii") as out:
            out.write(f"0 {uid} 1\n1 {FIRST_SUBORDINATE} {SUBORDINATES}\n")


def main():
    uid, command = int(sys.argv[1]), sys.argv[2:]
    unshared, separated = os.pipe()
    mapped, maps_written = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        os.read(unshared, 1)
        write_maps(parent, uid)
        os.write(maps_written, b"x")
        os._exit(0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
    os.write(separated, b"x")
    os.read(mapped, 1)
    os.wait()
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
