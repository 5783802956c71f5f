"""Firefox, driven by WebDriver BiDi, which it speaks itself: no driver and no library beside tornado, which Jupyter brings."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import subprocess
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

# It asks the network for nothing of its own.
QUIET = "".join(
    f'user_pref("{name}", {value});\n'
    for name, value in {
        "app.normandy.enabled": "false",
        "app.update.disabledForTesting": "true",
        "datareporting.policy.dataSubmissionEnabled": "false",
        "network.captive-portal-service.enabled": "false",
        "network.connectivity-service.enabled": "false",
        "services.settings.server": '"data:,"',
    }.items()
)

# Of an equation whose other half has not come yet from the server. test_site.py looks at whole ones.
HALF_AN_EQUATION = "Invalid markup: Incorrect number of children"

PATIENCE = 240  # seconds: on a busy machine Python takes its time to start in a page


class Firefox:
    """One window. `troubles` are the errors and warnings that pages told since it was last emptied."""

    def __init__(self, executable: str, folder: Path) -> None:
        (folder / "user.js").write_text(QUIET, encoding="utf-8")
        command = [executable, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=os.environ | {"HOME": str(folder)},
        )
        assert self.process.stderr
        address = next(found[0] for line in self.process.stderr if (found := re.search(r"ws://\S+", line)))
        self.rest = threading.Thread(target=self.process.stderr.read, daemon=True)  # a full pipe would stop it
        self.rest.start()
        self.loop, self.numbers, self.troubles = asyncio.new_event_loop(), itertools.count(1), list[str]()
        self.thread = threading.Thread(
            target=self.loop.run_forever, daemon=True
        )  # in the test's own, Playwright has one
        self.thread.start()
        self.socket: WebSocketClientConnection = self._run(self._connect(f"{address}/session"))
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        # The window that it starts with never has the focus, without which a key presses no button.
        self.window = self.ask("browsingContext.create", type="window")["context"]

    def _run(self, awaited: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(awaited, self.loop).result(PATIENCE)

    async def _connect(self, address: str) -> WebSocketClientConnection:
        return await websocket_connect(address, max_message_size=2**26)

    def ask(self, method: str, **params: Any) -> dict:
        """The answer to a command. Raises RuntimeError with Firefox's own words if it is an error."""
        number = next(self.numbers)

        async def answer() -> dict:
            await self.socket.write_message(json.dumps({"id": number, "method": method, "params": params}))
            while True:
                told = json.loads(await asyncio.wait_for(self.socket.read_message(), PATIENCE) or "{}")
                if told.get("method") == "log.entryAdded" and told["params"]["level"] in ("error", "warn"):
                    said = told["params"]["text"]
                    self.troubles += [] if said.startswith(HALF_AN_EQUATION) else [said]
                if told.get("id") == number:
                    return told

        told = self._run(answer())
        if told["type"] == "error":
            raise RuntimeError(f"{method}: {told['message']}")
        return told["result"]

    def open(self, address: str, width: int, height: int) -> None:
        self.ask("browsingContext.setViewport", context=self.window, viewport={"width": width, "height": height})
        self.ask("browsingContext.navigate", context=self.window, url="about:blank", wait="complete")
        self.ask("browsingContext.navigate", context=self.window, url=address, wait="complete")

    def tell(self, expression: str) -> Any:
        """What JavaScript, or a promise, comes to, by way of JSON."""
        expression = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        answer = self.ask("script.evaluate", expression=expression, target={"context": self.window}, awaitPromise=True)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition: str) -> None:
        self.tell(f"(async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }})()")

    def press(self, *keys: str) -> None:
        """Press keys, each while those before it are held."""
        down, up = ([{"type": kind, "value": key} for key in keys] for kind in ("keyDown", "keyUp"))
        self._act({"type": "key", "id": "keys", "actions": [*down, *reversed(up)]})

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def drag(self, *places: tuple[float, float]) -> None:
        """Press the mouse at the first place, move it to the others, let go; one place is a click."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0} for x, y in places]
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        self._act({"type": "pointer", "id": "mouse", "actions": [moves[0], down, *moves[1:], up]})

    def _act(self, source: dict) -> None:
        self.ask("input.performActions", context=self.window, actions=[source])

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.socket.close)
        self.process.terminate()
        self.process.wait()
        self.rest.join()
        self.process.stderr.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
