"""What the README and the package's own words say runs."""

import doctest
import pathlib
import re

import karuta


def test_the_readme_runs() -> None:
    text = (pathlib.Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    scope: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, scope)


def test_the_projects_readme_runs() -> None:
    text = (pathlib.Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        exec(block, {})


def test_the_doc_runs() -> None:
    assert doctest.testmod(karuta).failed == 0
