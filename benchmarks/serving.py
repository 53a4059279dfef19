"""A server of models in a process of its own: it reads the prompt, and answers as it was told to, after a while.

``python -m benchmarks.serving [SECONDS]`` prints its port; ``with serving(0.2) as url:`` starts and ends one.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ASKED = re.compile(r"(?:one of these: |a number from |a whole number from )([\w.]+)")


def answer(prompt: str) -> str:
    """The first of the options that a prompt names, or the lowest number; J to any other, a plan where one is asked."""
    if "STRATEGY:" in prompt:
        return "I have thought about it.\n\nSTRATEGY: I give a third at first, and later as much as the other gave."
    found = ASKED.findall(prompt)
    return f"I have thought about it.\n\nANSWER: {found[-1] if found else 'J'}"


def completion(body: bytes) -> bytes:
    """A chat completion."""
    message = {"role": "assistant", "content": answer(json.loads(body)["messages"][-1]["content"])}
    usage = {"prompt_tokens": 150, "completion_tokens": 12, "total_tokens": 162}
    made = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny", "usage": usage}
    return json.dumps(made | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()


def serve(latency: float) -> None:
    """Serve until the process is ended; a reply takes ``latency`` seconds."""
    from aiohttp import web

    async def chat(request: web.Request) -> web.Response:
        body = completion(await request.read())
        if latency:
            await asyncio.sleep(latency)
        return web.Response(body=body, content_type="application/json")

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", chat)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def serving(latency: float = 0.0) -> Iterator[str]:
    """The address of a server in another process."""
    command = [sys.executable, "-m", "benchmarks.serving", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        finally:
            server.terminate()


if __name__ == "__main__":
    serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
