"""File systems of a test's own, to be filled."""

import contextlib
import os
import subprocess

import pytest


def mount(command, *arguments):
    """mount or umount, as root or by sudo."""
    done = subprocess.run([*([] if os.geteuid() == 0 else ["sudo", "-n"]), command, *map(str, arguments)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        pytest.fail(f"{command}: {done.stdout.strip()}. This test fills a small file system of its own: run it as root (in a container with CAP_SYS_ADMIN), "
                    "or let this user mount by sudo without a password, or leave it out with --deselect FILE::TEST")


@contextlib.contextmanager
def small_disk(directory, size):
    """An empty file system at `directory`, which is made; size like "24m"."""
    directory.mkdir(parents=True, exist_ok=True)
    mount("mount", "-t", "tmpfs", "-o", f"size={size},uid={os.getuid()},mode=700", "none", directory)
    try:
        yield directory
    finally:
        mount("umount", directory)
