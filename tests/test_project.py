"""The project's own rules, checked in its files: layers, sizes, names, and a correct README."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from assistant.settings.settings import PREFIX, Settings
from index.errors import MissingExtraError

PACKAGES = ("assistant", "index", "prompts", "ui")
LONGEST_MODULE = 300


def tracked(project: Path) -> list[Path]:
    """Return the text files that git tracks."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=True)
    return [project / name for name in done.stdout.split("\0") if name]


def test_imports_go_one_way_and_each_foreign_library_has_its_doors(project: Path) -> None:
    """The import contracts in pyproject.toml are kept."""
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_module_is_longer_than_one_can_read(project: Path) -> None:
    """At most 300 lines per module, without exceptions."""
    long = {
        str(path): count
        for path in tracked(project)
        if path.suffix == ".py" and path.relative_to(project).parts[0] in PACKAGES
        if (count := len(path.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_no_installed_distribution_provides_our_packages() -> None:
    """An install puts only `almanac_assistant` into site-packages, and a checkout adds no package."""
    for package, owners in importlib.metadata.packages_distributions().items():
        if package in PACKAGES:
            assert set(owners) == {"almanac-assistant"}


def test_the_wheel_holds_the_packages_in_one_folder(project: Path) -> None:
    """Every package is mapped into `almanac_assistant/_app`, so that no common name is installed in site-packages."""
    wheel = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["sources"] == {name: f"almanac_assistant/_app/{name}" for name in PACKAGES}
    assert sorted(wheel["only-include"]) == sorted(PACKAGES)


def test_the_lock_file_has_a_hash_for_every_package(project: Path) -> None:
    """The file has names, versions and hashes, and nothing else."""
    packages = re.split(r"\n(?=\S)", (project / "requirements.lock").read_text("utf-8").strip())
    assert len(packages) > 100
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert [package.split()[0] for package in packages if "==" not in package.split()[0]] == []


def _third_party_imports(file: Path) -> set[str]:
    """Return the top-level modules that a file imports, without the standard library and the project's packages."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {*PACKAGES, "almanac_assistant"}


def test_every_imported_library_is_a_declared_dependency(project: Path) -> None:
    """A library that is only a dependency of another library may be missing after that library's next release."""
    declared = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in declared}
    distributions = importlib.metadata.packages_distributions()
    undeclared = {
        f"{file.relative_to(project)}: {module}"
        for package in PACKAGES
        for file in (project / package).rglob("*.py")
        for module in _third_party_imports(file)
        if not names & {name.lower() for name in distributions.get(module, ())}
    }
    assert undeclared == set()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme(project: Path, name: str) -> None:
    """Users can only find settings that are documented."""
    assert f"`{PREFIX}{name.upper()}`" in (project / "README.md").read_text("utf-8")


def test_the_readme_s_pictures_and_links_are_there(project: Path) -> None:
    """Every target of a link in the README exists."""
    text = (project / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (project / link).exists()] == []
    assert len(text.splitlines()) < 250


def test_no_file_names_a_registry_or_a_machine_s_path(project: Path) -> None:
    """Lock files have names and versions only, and no file shows where packages were downloaded."""
    found = []
    for path in tracked(project):
        if path.suffix in {".npy", ".npz", ".onnx", ".png", ".svg"} or path.name in {
            "tokenizer.json",
            Path(__file__).name,
        }:
            continue
        text = path.read_text("utf-8")
        if re.search(
            r"files\.python" + r"hosted|py" + r"pi\.org|--index-url|/root/|/work/(?:main|tmp|shared|b)\b", text
        ):
            found.append(path.name)
    assert found == []


def test_no_install_hint_names_a_package_that_we_have_not_published(project: Path) -> None:
    """If someone else registered the project's name on a public index, such a hint would run their code."""
    offers = re.compile(
        r"\b(?:(?:re)?install|uvx|npx|pipx run|uv (?:add|tool run)|npm i)\s+[^&|;]*?(?<![\w./-])almanac(?:[-_]assistant)?(?![\w.])",
        re.IGNORECASE,
    )
    listed = subprocess.run(["git", "ls-files"], cwd=project, capture_output=True, check=True, text=True).stdout
    found = []
    for name in listed.splitlines():
        file = project / name
        if (
            not file.is_file()
            or file.suffix in {".onnx", ".png", ".npz", ".woff2", ".gz"}
            or name == "tests/test_project.py"
        ):
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1):
            if offers.search(line):
                found.append(f"{name}:{number}: {line.strip()[:160]}")
    assert not found, "\n".join(found)
    for hint in (
        "pip install almanac-assistant",
        "pip install 'almanac-assistant[openai]'",
        "reinstall almanac_assistant",
    ):
        assert offers.search(hint)


@pytest.mark.parametrize("extra", ["fastembed", "openai", "ollama"])
def test_the_hint_for_an_extra_names_the_package_behind_it(project: Path, extra: str) -> None:
    """Other packages are named as published; this project is installed only from the checkout."""
    hint = MissingExtraError("x", extra=extra).hint
    packages = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"][extra]
    assert [re.split(r"[<>=]", one)[0] for one in packages] == re.findall(r"pip install ([a-z-]+)", hint)
    assert f"pip install '.[{extra}]'" in hint
