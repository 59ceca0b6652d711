"""The wheel holds `countersign` and nothing else, and works where nothing of this repository is."""

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tools.devstack.engines import ROOT

pytestmark = pytest.mark.slow
TRY = """
import json, sys
import countersign, countersign.aiohttp, countersign.asgi, countersign.client, countersign.testing
foreign = {"pydantic", "starlette", "fastapi", "redis", "structlog", "pytest", "services", "gateway", "chassis", "tools"}
token = countersign.testing.Issuer().access_token()
print(json.dumps([countersign.__file__, sorted(foreign & set(sys.modules)), token.count(".")]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make dist` builds, elsewhere: with the command of the Makefile."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    assert "-m hatchling build -t wheel -d dist" in (ROOT / "Makefile").read_text()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("countersign_sdk-*-py3-none-any.whl")
    return found


def test_it_holds_the_package_and_its_metadata_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"countersign", "countersign_sdk"}
    sources = {str(path.relative_to(ROOT / "libs")) for path in (ROOT / "libs/countersign").rglob("*.py")}
    assert {name for name in names if name.startswith("countersign/")} == sources | {"countersign/py.typed"}
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    assert [line.split()[1].split(">")[0].split("<")[0] for line in required] == ["aiohttp", "pyjwt[crypto]"]


def test_it_is_installed_and_imported_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    """Its two dependencies are lent from here by a .pth, so that no index has to be reachable."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin") or shutil.which("uv")
    assert uv is not None, "tools/bootstrap.py leaves uv in .venv or finds it"
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), str(wheel)]
    subprocess.run(install, check=True, cwd=tmp_path)
    (site,) = (venv / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"))
    # -I: neither the working directory nor PYTHONPATH helps along.
    done = subprocess.run([str(python), "-I", "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=True)
    file, foreign, dots = json.loads(done.stdout)
    assert Path(file).is_relative_to(venv)
    assert (foreign, dots) == ([], 2)
