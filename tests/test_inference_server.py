"""One conversation with a real inference server: a tiny model of random weights, built here and served on loopback.

What it says is garbage with control characters, which is just the test. The server's libraries are not this package's:
``DILEMMAS_SERVING_PYTHON`` names an interpreter that has ``torch`` and ``transformers[serving]``.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dilemmas.models.journal import Journal
from dilemmas.models.speaker import Fault, Key, Reply, Request
from dilemmas.models.speakers import speaker

pytestmark = pytest.mark.slow
PYTHON = os.environ.get("DILEMMAS_SERVING_PYTHON", sys.executable)
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
PATIENCE = 180  # seconds until the server must be up; it loads torch
KEY = Key(1, "play", 1, 1, 1, 1, "a", "choose", 1)

BUILD = """
import sys, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {token: number for number, token in enumerate(["<s>", "</s>", "<pad>", *alphabet])}
inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="<pad>", model_max_length=4096
)
tokenizer.chat_template = (
    "{{ bos_token }}{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\\n{% endfor %}assistant: "
)
tokenizer.save_pretrained(sys.argv[1])
torch.manual_seed(0)
shape = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2)
config = LlamaConfig(vocab_size=len(vocabulary), max_position_embeddings=4096, bos_token_id=0, eos_token_id=1,
                     pad_token_id=2, **shape)
LlamaForCausalLM(config).save_pretrained(sys.argv[1])
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where the server listens, and what it calls the model."""
    found = _python("import fastapi, tokenizers, torch, transformers, uvicorn")
    if found.returncode:
        pytest.skip(f"no inference server here: {found.stderr.strip().splitlines()[-1]}")
    folder = tmp_path_factory.mktemp("model")
    built = _python(BUILD, str(folder))
    assert built.returncode == 0, built.stderr
    with _serving(folder) as port:
        yield f"http://127.0.0.1:{port}/v1", str(folder)


def _python(code: str, *given: str) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, "-c", code, *given]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | OFFLINE, timeout=PATIENCE)


@contextmanager
def _serving(folder: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    code = "from transformers.cli.transformers import main; main()"
    command = [PYTHON, "-c", code, "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with folder.joinpath("server.txt").open("w+", encoding="utf-8") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | OFFLINE)
        try:
            _wait(server, port, folder / "server.txt")
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not come up: {log.read_text(encoding='utf-8')}")


def conversation(url: str, model: str) -> list[Reply]:
    """Three turns, each of which repeats what the model said before; and a fourth with a setting that is wrong."""

    async def talk() -> list[Reply]:
        with_it = speaker(model, url)
        messages = [{"role": "system", "content": "You play a game."}, {"role": "user", "content": "J or F?"}]
        replies = []
        try:
            for _ in range(3):
                request = Request(model, tuple(messages), {"max_tokens": 40, "temperature": 1.0, "seed": 3})
                replies.append(await with_it.say(request, 120))
                messages += [{"role": "assistant", "content": replies[-1].text}, {"role": "user", "content": "And?"}]
            with pytest.raises(Fault) as caught:
                await with_it.say(Request(model, tuple(messages), {"temperature": "warm"}), 120)
            assert not caught.value.billed and caught.value.trouble in ("bad request", "server error")
        finally:
            await with_it.close()
        return replies

    return asyncio.run(talk())


@pytest.mark.parametrize("way", ["openai/", "local/"])
def test_a_conversation_with_a_real_server(way: str, address: tuple[str, str], tmp_path: Path) -> None:
    url, name = address
    replies = conversation(url, way + name)
    for reply in replies:
        assert reply.text and reply.finish == "length" and reply.cost is None
        assert reply.usage.completion == 40 and (reply.usage.prompt or 0) > 30
        assert reply.model and reply.latency > 0
    assert replies[1].usage.prompt > replies[0].usage.prompt  # the words of the model went back to it
    _kept(replies, tmp_path)


def _kept(replies: list[Reply], folder: Path) -> None:
    """Garbage goes into a journal and comes back as it was."""
    journal = Journal(folder)
    requests = [Request("m", ({"role": "user", "content": reply.text},)) for reply in replies]
    for number, (request, reply) in enumerate(zip(requests, replies, strict=True)):
        journal.add(KEY._replace(round=number), request, reply)
    journal.close()
    again = Journal(folder)
    for number, (request, reply) in enumerate(zip(requests, replies, strict=True)):
        found = again.find(KEY._replace(round=number), request)
        assert found is not None and found.text == reply.text
    again.close()
