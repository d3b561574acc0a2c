"""A real engine: llama.cpp's own HTTP server with a model of random weights. It shows plumbing, not quality."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from wire import ROOT

import panelsynth as ps
from panelsynth.cli import panelsynth
from panelsynth.errors import TRIES
from panelsynth.model import Recording

xllamacpp: Any = pytest.importorskip("xllamacpp", reason="llama.cpp's server is not installed: pip install xllamacpp")
gguf: Any = pytest.importorskip("gguf", reason="nothing writes the tiny model: pip install gguf")
np: Any = pytest.importorskip("numpy", reason="gguf needs it")

WORDS = re.findall(
    r"\w+",
    "plain honest figures speed price offline support teams latency memory docs limits release claims benchmark proof "
    "cost build test scale answer question reader risk",
)
WIDTH = 32
CHAT = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
TOOLS = [str(ROOT / "examples" / "tools" / f"{name}.yaml") for name in ("mistral-3b", "gpt-5-fine-tuning-api")]


def write_model(path: Path) -> None:
    """Write a llama of one layer and 110 KB: random weights, with a habit of whole words and of ending its texts."""
    pieces = [b"<unk>", b"<s>", b"</s>", *(f"<0x{n:02X}>".encode() for n in range(256))]
    tokens = pieces + [f"\u2581{word}".encode() for word in WORDS]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(32_768)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(WIDTH)
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_rope_dimension_count(WIDTH // 2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-1000.0] * len(pieces) + [-1.0] * len(WORDS))
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * len(WORDS))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(CHAT)
    for name, tensor in _weights(len(tokens)).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _weights(count: int) -> dict[str, Any]:
    """Make every hidden state lean one way, so that a token's habit is the length of its row in the output matrix."""
    dice = np.random.default_rng(1)

    def noise(*shape: int) -> Any:
        return (dice.standard_normal(shape) * 0.02).astype(np.float32)

    habits = np.full((count, 1), -3.0)
    habits[-len(WORDS) :] = 3.0
    habits[3 + ord('"')] = 3.2
    for mark in "{}[],:0123456789":
        habits[3 + ord(mark)] = 1.0
    one = np.ones(WIDTH, np.float32)
    square = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    return {
        "token_embd.weight": one + noise(count, WIDTH),
        "output.weight": (habits / WIDTH * one).astype(np.float32) + noise(count, WIDTH),
        "output_norm.weight": one,
        "blk.0.attn_norm.weight": one,
        "blk.0.ffn_norm.weight": one,
        **{f"blk.0.{name}.weight": noise(WIDTH, WIDTH) for name in square},
    }


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the tiny model on a free port of loopback; yield the address."""
    path = tmp_path_factory.mktemp("engine") / "tiny.gguf"
    write_model(path)
    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.hostnames = ["127.0.0.1"]
    settings.port = 0
    settings.n_parallel = 2
    settings.cpuparams.n_threads = 1  # more of them spin, and wait for each other on a busy machine
    settings.n_ctx = 2 * 16_384
    settings.n_predict = 800  # whatever the request allows
    settings.sampling.seed = 7
    settings.warmup = False
    settings.offline = True
    settings.ui = False
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    yield f"{server.listening_address}/v1"
    del server


def compared(engine: str, folder: Path) -> tuple[Any, Recording]:
    """Run `compare` against the engine and record what went over the wire."""
    recording = folder / "engine.yaml"
    given = ["compare", *TOOLS, "-o", str(folder), "--base-url", engine, "--model", "tiny", "--record", str(recording)]
    result = CliRunner().invoke(panelsynth, given)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8")), Recording.read(recording)


def test_compare_runs_through_a_real_engine(engine: str, tmp_path: Path) -> None:
    """The schema goes out, replies in its shape come back, and each review ends in a vote or a named cause."""
    made, recording = compared(engine, tmp_path)
    verdicts = [verdict for panel in made["panels"] for verdict in panel["verdicts"]]
    missing = [gap for panel in made["panels"] for gap in panel["missing"]]
    asked: list[Any] = [exchange.request for exchange in recording.exchanges]
    formats = [body["response_format"] for body in asked]
    assert {shape["type"] for shape in formats} == {"json_schema"}
    assert all("score" in shape["json_schema"]["schema"]["properties"] for shape in formats)
    assert {exchange.status for exchange in recording.exchanges} == {200}
    assert len(verdicts) + len(missing) == 8
    assert {gap["cause"] for gap in missing} <= {*TRIES}
    assert verdicts
    assert all(verdict["decision"] in {"ship", "skip"} and 0 <= verdict["score"] <= 100 for verdict in verdicts)
    assert all(verdict["provenance"]["usage"]["input"] > 1_000 for verdict in verdicts)


def test_a_cut_prompt_or_a_full_context_is_a_named_cause(engine: str) -> None:
    """What does not fit is refused by llama.cpp with 400; it is no vote, no traceback, and asked just once."""
    tool = ps.Tool(id="long", name="Long", description="Words without end. " * 1_500)
    began = time.monotonic()
    [panel] = ps.review([tool], model=ps.OpenAIModel("tiny", base_url=engine), personas="skeptic")
    assert [gap.cause for gap in panel.missing] == ["request-refused"]
    assert "context" in panel.missing[0].message
    assert time.monotonic() - began < 10
