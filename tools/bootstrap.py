"""Makes `.venv` with everything in uv.lock, from a bare Python 3.11+ (standard library only: nothing is installed yet).

Old Pythons must be able to read this file, or they could not say that they are too old.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys

WANTED = (3, 11)
UV = "uv>=0.5,<1"
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(HERE, ".venv")


def main():
    """Exit status 1 and one clear line where something is missing."""
    with one_at_a_time():
        return install()


@contextlib.contextmanager
def one_at_a_time():
    """Whoever types `make demo` while `make up` still installs waits for it: two at once would break what both make."""
    folder = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def install():
    """The same, alone."""
    if sys.version_info < WANTED:
        return fail(
            "Python %d.%d or newer is needed, this is %d.%d. Name another: make PYTHON=python3.12 ..."
            % (WANTED + sys.version_info[:2])
        )
    if os.path.exists(VENV) and not stands_on_this_python():
        shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv") or uv_in_venv()
    if uv is None:
        return 1
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=VENV, UV_PYTHON=sys.executable)
    environment.pop("VIRTUAL_ENV", None)
    # --inexact: uv itself may stand in the same environment and must not remove itself.
    # --compile-bytecode: seconds once, instead of at every start where Python may write none.
    done = subprocess.call(
        [uv, "sync", "--locked", "--inexact", "--compile-bytecode", "--quiet"], cwd=HERE, env=environment
    )
    if done:
        return fail("the packages of uv.lock could not be installed: is a package index reachable?")
    write_countersign()
    return 0


def stands_on_this_python():
    """Whether `.venv` was made by the Python that runs this: the same version in another build is another one."""
    python = os.path.join(VENV, "bin", "python")
    try:
        said = subprocess.check_output([python, "-c", "import sys; print(sys.base_prefix, sys.version)"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return said.decode().strip() == "%s %s" % (sys.base_prefix, sys.version)


def write_countersign():
    """`.venv/bin/countersign`, for the embedded stack. No entry point of the distribution: others install that."""
    path = os.path.join(VENV, "bin", "countersign")
    with open(path, "w") as script:
        script.write('#!/bin/sh\nexec "%s" -m tools.devstack.operating "$@"\n' % os.path.join(VENV, "bin", "python"))
    os.chmod(path, 0o755)  # noqa: S103 it is a program, and holds nothing


def uv_in_venv():
    """The path of uv, installed into `.venv` with pip; None if that fails."""
    uv = os.path.join(VENV, "bin", "uv")
    if os.path.exists(uv):
        return uv
    with open(os.devnull, "w") as nowhere:  # Debian's own advice is a page long
        failed = subprocess.call([sys.executable, "-m", "venv", VENV], stdout=nowhere, stderr=nowhere)
    if failed:
        shutil.rmtree(VENV, ignore_errors=True)
        fail("Python's venv module is missing or broken. On Debian or Ubuntu: apt install python3-venv; or install uv.")
        return None
    pip = [os.path.join(VENV, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
    if subprocess.call(pip):
        fail("uv could not be installed: is a package index reachable?")
        return None
    return uv


def fail(line):
    """Says what is wrong and what to do."""
    sys.stderr.write(line + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
