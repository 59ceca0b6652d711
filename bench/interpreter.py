"""Which Python is measured: compiled with the help of a profile, as the one of the images is, or without."""

import platform
import sys
import sysconfig

# configure's word for a profile-guided build: the images of python on Docker Hub, python.org, uv, Fedora, conda.
ASKED_FOR = "--enable-optimizations"
# Debian and Ubuntu make such a build without telling configure, on these processors. They alone have the scheme.
SCHEME_OF_DEBIAN, PROCESSORS_OF_DEBIAN = "deb_system", {"x86_64", "aarch64"}
WARNING = (
    "Python {version} here was compiled without profile-guided optimisation, which the images' has: all but the hash"
    " costs more. Name one that has it: make PYTHON=/usr/bin/python3 bench (Debian's, Ubuntu's or uv's)"
)


def is_optimised() -> bool:
    """As far as the build says: of one by hand (`make profile-opt`) it says nothing, and that counts as no."""
    if ASKED_FOR in str(sysconfig.get_config_var("CONFIG_ARGS")):
        return True
    return SCHEME_OF_DEBIAN in sysconfig.get_scheme_names() and platform.machine() in PROCESSORS_OF_DEBIAN


def warning() -> str:
    """What whoever measures should know beforehand; "" if nothing."""
    return "" if is_optimised() else WARNING.format(version=".".join(map(str, sys.version_info[:3])))
