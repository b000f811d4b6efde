"""The documentation is complete and agrees with the program."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from ui.cli.commands import app

MAKE = f"{Path(sys.executable).name} -m typer ui.cli.commands utils docs --name almanac --output docs/cli.md"


def pages(project: Path) -> list[Path]:
    """Return the pages of the documentation."""
    return sorted((project / "docs").glob("*.md"))


def test_the_command_reference_is_made_from_the_program(project: Path, tmp_path: Path) -> None:
    """`docs/cli.md` equals Typer's output for the current commands; the command in `MAKE` regenerates it."""
    made = tmp_path / "cli.md"
    subprocess.run(
        [sys.executable, "-m", "typer", "ui.cli.commands", "utils", "docs", "--name", "almanac", "--output", made],
        cwd=project,
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert (project / "docs" / "cli.md").read_text("utf-8") == made.read_text("utf-8"), MAKE


@pytest.mark.parametrize("command", sorted(typer.main.get_group(app).commands))
def test_every_command_is_in_the_reference(project: Path, command: str) -> None:
    """Each command has a section."""
    assert f"## `almanac {command}`" in (project / "docs" / "cli.md").read_text("utf-8")


def test_every_page_is_in_the_site_and_the_site_has_no_other(project: Path) -> None:
    """The navigation of `mkdocs.yml` lists each page once."""
    nav = yaml.safe_load((project / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = re.findall(r"[\w-]+\.md", str(nav))
    assert sorted(named) == sorted(page.name for page in pages(project))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "examples/*.md"])
def test_links_between_documents_lead_somewhere(project: Path, name: str) -> None:
    """Each relative link names an existing file, and each fragment a heading in that file."""
    broken = []
    for document in sorted(project.glob(name)):
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
            path, _, fragment = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            file = (document.parent / path) if path else document
            if not file.exists() or (fragment and file.suffix == ".md" and fragment not in anchors(file)):
                broken.append(f"{document.name}: {target}")
    assert broken == []


def anchors(file: Path) -> set[str]:
    """Return the fragments of a Markdown file's headings, as Markdown viewers generate them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_no_document_names_a_file_of_the_project_that_is_not_there(project: Path) -> None:
    """Paths in backticks, such as `index/build.py`, exist."""
    documents = [project / "README.md", project / "CONTRIBUTING.md", *pages(project)]
    missing = {
        f"{document.name}: {path}"
        for document in documents
        for path in re.findall(
            r"`((?:assistant|index|ui|prompts|tests|training|docs|examples)/[\w./-]+)`", document.read_text("utf-8")
        )
        if not (project / path).exists()
    }
    assert missing == set()
