"""Programs the tests need: found by name or variable, else one clear line and a failure."""

import pytest

from tests.support.programs import CHROMIUM, NGINX, Program


def test_the_path_in_the_variable_is_taken_first(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Program(title="a shell", variable="SOME_SHELL", names=("sh",), package="dash")
    assert shell.required().endswith("/sh")
    monkeypatch.setenv("SOME_SHELL", "/bin/cat")
    assert shell.find() == "/bin/cat"


@pytest.mark.parametrize("program", [NGINX, CHROMIUM])
def test_without_it_one_line_says_what_to_do(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # so there is no apt-get either
    monkeypatch.setenv(program.variable, "/nowhere/at-all")
    assert program.find() is None
    with pytest.raises(AssertionError, match=f"install the package {program.package}"):
        program.required()
    assert not program.ensure()
    assert capsys.readouterr().out == f"{program.missing}\n"
