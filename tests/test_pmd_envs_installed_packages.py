"""Programs get Python's standard library, and nothing that is installed beside it."""

from pathlib import Path

import pytest

from pmd_envs.sandbox import Sandbox, check_code
from pmd_envs.sandbox.inside import root
from pmd_envs.sandbox.probe import check

LIBRARY = """
def f(x):
    import asyncio, email.mime.text, lzma, sqlite3, ssl, unittest.mock, wave, xml.dom.minidom, zoneinfo
    sqlite3.connect(":memory:").close()
    return email.mime.text.MIMEText("x").get_payload()
"""


@pytest.fixture
def box(request):
    made = Sandbox(request.param)
    yield made
    made.close()


each_layer_less = pytest.mark.parametrize(
    "box", [(), *((layer,) for layer in root.LAYERS), tuple(root.NAMESPACES)], indirect=True, ids="+".join
)


@each_layer_less
def test_programs_neither_list_nor_import_what_is_installed(box):
    (finding,) = check(box, ["installed packages"])
    assert (finding.held, finding.detail) == (True, "nothing")


@each_layer_less
def test_programs_import_the_standard_library(box):
    assert check_code(LIBRARY, ["assert f(1) == 'x'"], sandbox=box).passed


@pytest.mark.skipif(not root.installed(), reason="nothing is installed for the interpreter")
@pytest.mark.parametrize("box", [("mount namespace", "landlock")], indirect=True)
def test_the_check_finds_what_is_not_hidden(box):
    (finding,) = check(box, ["installed packages"])
    assert not finding.held
    assert "lists " in finding.detail


def test_everything_but_the_packages_is_left(tmp_path, monkeypatch):
    names = ("libc.so", "gcc/lib.so", "python3/dist-packages/a.py", "python3.1/os.py", "python3.1/site-packages/b.py")
    for name in names:
        Path(tmp_path, "lib", name).parent.mkdir(parents=True, exist_ok=True)
        Path(tmp_path, "lib", name).touch()
    Path(tmp_path, "lib", "out").symlink_to("/etc")
    Path(tmp_path, "lib64").symlink_to("lib")
    monkeypatch.setattr(root, "readable", lambda: [f"{tmp_path}/lib64", f"{tmp_path}/lib", f"{tmp_path}/none"])
    lib = f"{tmp_path}/lib"
    assert root.installed() == [f"{lib}/python3.1/site-packages", f"{lib}/python3/dist-packages"]
    left = [f"{lib}/gcc", f"{lib}/libc.so", f"{lib}/python3.1/os.py", f"{tmp_path}/none"]
    assert sorted(root.readable_without_installed()) == left
