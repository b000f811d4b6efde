"""Settings: a variable overrides the file, the file overrides the default, and errors say how to fix them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.settings import settings
from assistant.settings.settings import Settings
from index.errors import SettingsError


def load(folder: Path, toml: str = "", **variables: str) -> tuple[Settings, dict[str, settings.Origin]]:
    """Load the settings from a file and an environment."""
    if toml:
        (folder / "almanac.toml").write_text(toml, "utf-8")
    return settings.load(folder, {f"ALMANAC_{name}": value for name, value in variables.items()})


def refused(folder: Path, toml: str = "", **variables: str) -> tuple[str, str]:
    """Return the message and the hint of the error."""
    with pytest.raises(SettingsError) as caught:
        load(folder, toml, **variables)
    return str(caught.value), caught.value.hint


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    """The source of each value is reported."""
    loaded, origins = load(tmp_path, "port = 1\nlevel = 'beginner'", PORT="2")
    assert (loaded.port, loaded.level, loaded.host) == (2, "beginner", "127.0.0.1")
    assert (origins["port"], origins["level"], origins["host"]) == ("environment", "almanac.toml", "default")


def test_nothing_configured_is_a_whole_configuration(tmp_path: Path) -> None:
    """The defaults are safe: local connections only, no key, a model that needs no server."""
    loaded, origins = load(tmp_path)
    assert set(origins.values()) == {"default"}
    assert set(origins) == set(Settings.model_fields)
    assert (loaded.host, loaded.embedder, loaded.catalogue, loaded.openai_api_key) == (
        "127.0.0.1",
        "minilm",
        None,
        None,
    )
    assert loaded.data.is_absolute()


def test_an_empty_variable_is_no_setting(tmp_path: Path) -> None:
    """Shells and containers set a variable to an empty text if it has no value."""
    loaded, origins = load(tmp_path, "port = 5", PORT="", CATALOGUE="")
    assert (loaded.port, origins["port"], loaded.catalogue) == (5, "almanac.toml", None)


def test_other_programs_variables_are_not_ours(tmp_path: Path) -> None:
    """Only variables that start with ALMANAC_, in upper or lower case, are read."""
    assert settings.load(tmp_path, {"PORT": "1", "XALMANAC_PORT": "1", "ALMANACPORT": "1"})[0].port == 7860
    assert settings.load(tmp_path, {"almanac_port": "1"})[0].port == 1


@pytest.mark.parametrize(
    ("toml", "variables", "about", "mend"),
    [
        ("", {"EMBEDER": "none"}, "'ALMANAC_EMBEDER' in the environment is not a setting", "did you mean 'embedder'?"),
        ("embeder = 'none'", {}, "'embeder' in almanac.toml is not a setting", "did you mean 'embedder'?"),
        ("[zebra]\nport = 1", {}, "'zebra' in almanac.toml is not a setting", "`almanac config` shows every setting"),
        ("", {"": "x"}, "'ALMANAC_' in the environment is not a setting", "`almanac config` shows every setting"),
        ("", {"PORT": "http"}, "port (ALMANAC_PORT): ", "port is: port that `almanac serve` listens on"),
        ("", {"PORT": "65536"}, "port (ALMANAC_PORT): ", "port is: "),
        ("port = -1", {}, "port (almanac.toml): ", "port is: "),
        ("port = [1]", {}, "port (almanac.toml): ", "port is: "),
        ("", {"LEVEL": "Expert"}, "level (ALMANAC_LEVEL): ", "level is: one of beginner, intermediate, advanced"),
        ("log_level = 'loud'", {}, "log_level (almanac.toml): ", "log_level is: one of DEBUG, INFO, WARNING, ERROR"),
        ("host = 5", {}, "host (almanac.toml): ", "host is: address"),
        ("catalogue = 5", {}, "catalogue (almanac.toml): ", "catalogue is: catalogue file"),
        ("embedder = ''", {}, "embedder (almanac.toml): ", "embedder is: `minilm`, `none`"),
        ("port = ", {}, "cannot read ", "fix almanac.toml or move it to another folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_its_place_and_its_mend(
    tmp_path: Path, toml: str, variables: dict[str, str], about: str, mend: str
) -> None:
    """An unknown name is an error, because a misspelt setting would otherwise be ignored silently."""
    wrong, hint = refused(tmp_path, toml, **variables)
    assert wrong.startswith(about)
    assert hint.startswith(mend)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00"])
def test_a_file_that_is_no_text_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    """The error names the setting but does not show its value."""
    (tmp_path / "almanac.toml").write_bytes(content)
    assert "almanac.toml" in refused(tmp_path)[0]


def test_a_folder_in_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    """An unreadable file is an error, not an empty file."""
    (tmp_path / "almanac.toml").mkdir()
    assert refused(tmp_path)[0].startswith("cannot read ")


def test_secrets_show_neither_when_listed_nor_in_errors(tmp_path: Path) -> None:
    """The secret is not in `str`, not in `repr`, and not in an error about another setting."""
    loaded, _ = load(tmp_path, OPENAI_API_KEY="sk-hush")
    assert loaded.openai_api_key is not None
    assert loaded.openai_api_key.get_secret_value() == "sk-hush"
    assert "hush" not in repr(loaded) + str(loaded) + str(settings.shown(loaded))
    assert settings.shown(loaded)["openai_api_key"]
    assert "hush" not in "".join(refused(tmp_path, "openai_api_kee = 'sk-hush'"))
    assert "hush" not in "".join(refused(tmp_path, "openai_api_key = ['sk-hush']"))
    assert "hush" not in "".join(refused(tmp_path, "openai_api_key = 'sk-hush"))


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings expand `~`, because no shell does so in a file."""
    monkeypatch.setenv("HOME", "/home/reader")
    loaded, _ = load(tmp_path, "data = '~/almanac'\ncatalogue = '~/mine.jsonl'")
    assert loaded.data == Path("/home/reader/almanac")
    assert loaded.catalogue == Path("/home/reader/mine.jsonl")


def test_where_an_import_writes(tmp_path: Path) -> None:
    """An import writes to the configured catalogue file, or to the data folder if there is no such file."""
    assert Settings(data=tmp_path).catalogue_file == tmp_path / "catalogue.jsonl"
    assert Settings(data=tmp_path, catalogue=tmp_path).catalogue_file == tmp_path / "catalogue.jsonl"
    assert Settings(data=tmp_path, catalogue=tmp_path / "c").catalogue_file == tmp_path / "c"


def test_sources_are_tables_of_the_file_or_a_list_in_a_variable(tmp_path: Path) -> None:
    """A single text counts as a list; fields that are not given stay unset."""
    loaded, origins = load(
        tmp_path,
        """
        [[sources]]
        name = "weather"
        url = "https://example.org/feed.xml"
        map = { title = "Headline", date = ["Published", "Updated"] }
        defaults = { topics = "weather", importance = 3 }
        [[sources]]
        path = "~/papers.bib"
        format = "bibtex"
        """,
    )
    first, second = loaded.sources
    assert origins["sources"] == "almanac.toml"
    assert (first.label, second.label) == ("weather", str(Path("~/papers.bib").expanduser()))
    assert dict(first.map) == {"title": ("Headline",), "date": ("Published", "Updated")}
    assert first.defaults.given() == {"topics": ["weather"], "importance": 3}
    assert settings.shown(loaded)["sources"] == f"weather, {second.path}"
    assert Settings.model_validate_json(loaded.model_dump_json(exclude={"openai_api_key"})).sources == loaded.sources
    assert load(tmp_path, SOURCES='[{"url": "https://example.org/"}]')[0].sources[0].address == "https://example.org/"


@pytest.mark.parametrize(
    ("table", "about", "mend"),
    [
        ("", "number 1: a source must have either a url or a path", "sources is: a list of tables"),
        ("url = 'https://a.org'\npath = 'a'", "number 1: a source must have either", "sources is: "),
        ("url = 'file:///etc/passwd'", "number 1, url: an address must start with http:// or https://", "sources is: "),
        (
            "url = 'https://me:hush@a.org/'",
            "number 1, url: an address must not contain a user name or a password",
            "sources is: ",
        ),
        ("pth = 'a'", "number 1, pth: unknown field", "did you mean 'path'?"),
        ("path = 'a'\nzzz = 1", "number 1, zzz: unknown field", "the fields are url, path, name"),
        (
            "path = 'a'\ndefaults = { topic = 'x' }",
            "number 1, defaults.topic: unknown field",
            "did you mean 'topics'?",
        ),
        ("path = 'a'\ndefaults = { importance = 11 }", "number 1, defaults.importance: ", "sources is: "),
        ("path = 'a'\nname = ' '", "number 1, name: must not be empty", "sources is: "),
        ("path = 'a'\n[[sources]]\npath = 'a'", ": two sources have the name 'a'", "sources is: "),
    ],
)
def test_a_source_that_cannot_be_used_is_named_by_its_number_and_field(
    tmp_path: Path, table: str, about: str, mend: str
) -> None:
    """The error does not show the password."""
    wrong, hint = refused(tmp_path, f"[[sources]]\n{table}")
    assert wrong.startswith("almanac.toml: sources")
    assert about in wrong
    assert hint.startswith(mend)
    assert "hush" not in wrong + hint


@pytest.mark.parametrize("variable", ["x", "{}", '{"url": "https://a.org"}', "[1]", '["https://a.org"]', "[" * 100_000])
def test_sources_in_a_variable_that_are_no_list_are_a_clear_error(tmp_path: Path, variable: str) -> None:
    """The error names the variable."""
    assert refused(tmp_path, SOURCES=variable)[0].startswith("ALMANAC_SOURCES: sources")


def test_settings_do_not_change_once_they_are_read() -> None:
    """Settings are frozen, and each has a description."""
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]
    assert all(field.description for field in Settings.model_fields.values())
