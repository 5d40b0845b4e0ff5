"""The README's commands do what they say.

A `sh` block directly below `<!-- test: session -->` is run command by command against a started server; flags of the
server may stand behind `session`. A comment below a command is a line of its answer, and must be there so; `...`
stands for anything.
"""

from __future__ import annotations

import pathlib
import re
import socket
import subprocess

import pytest

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
PORT = 8000
BLOCK = re.compile(r"^<!-- test: session ?(.*?) ?-->\n```sh\n(.*?)^```$", re.M | re.S)
MARK = "<!-- test: session"


def sessions():
    """The flags of the server and the commands, for each block."""
    return (
        [
            (match.group(1).split(), match.group(2))
            for match in BLOCK.finditer(README.read_text(encoding="utf-8"))
        ]
        if README.exists()
        else []
    )


def steps(block):
    """(command, expected lines) for every command; a backslash at the end of a line continues it."""
    found = []
    for line in block.splitlines():
        comment = re.match(r"\s*#\s?(.*)", line)
        if comment:
            text = comment.group(1).strip()
            assert found, f"an answer without a command: {line}"
            found[-1][1].append(text)
        elif found and found[-1][0].endswith("\\"):
            found[-1][0] += "\n" + line
        elif line.strip():
            found.append([line, []])
    return found


def port_8000_is_free():
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", PORT))
        return True
    except OSError:
        return False


def test_the_readme_has_a_session():
    assert README.exists(), "there is no README.md"
    text = README.read_text(encoding="utf-8")
    assert MARK in text, f"README.md has no block marked {MARK}"
    assert len(sessions()) == text.count(MARK), f"a {MARK} is not directly above a sh block"
    assert any(
        expected for _, block in sessions() for _, expected in steps(block)
    ), "no answer is shown to compare with"


@pytest.mark.parametrize("number", range(max(1, len(sessions()))))
def test_a_session_answers_as_written(start, tmp_path, number):
    assert sessions(), "README.md has no session"
    # The port that people will type, unless something on this machine has it.
    flags, block = sessions()[number]
    server = start("--port", PORT if port_8000_is_free() else 0, *flags)
    for command, expected in steps(block):
        command = command.replace(f":{PORT}", f":{server.port}")
        result = subprocess.run(
            ["bash", "-e", "-u", "-o", "pipefail", "-c", command],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=45,
        )
        assert result.returncode == 0, f"{command}\n{result}"
        answer = [line.strip() for line in result.stdout.splitlines()]
        for line in expected:
            pattern = re.escape(line).replace(re.escape("..."), ".*")
            assert any(
                re.fullmatch(pattern, told) for told in answer
            ), f"{command}\n{line!r} is not in {answer}"
