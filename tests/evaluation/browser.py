"""A headless Chromium without a network, steered through its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 30.0
"""Seconds until something counts as hanging."""
NOWHERE = "127.0.0.1:9"
"""A proxy that is not there: whatever leaves the machine fails."""


def found() -> str | None:
    """The browser's program, `ORDERUP_BROWSER` before all others."""
    return os.environ.get("ORDERUP_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def required() -> bool:
    """Whether tests must fail, rather than be skipped, where there is no browser."""
    return os.environ.get("ORDERUP_REQUIRE_BROWSER", "") not in ("", "0", "false")


class Page:
    """A tab of the browser, with everything it complained of."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._number = 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Performance.enable", timeDomain="threadTicks")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command. Raises RuntimeError where the browser refuses it."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            self._heed(message)
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return dict(message["result"])

    def _heed(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        method = message.get("method", "")
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["entry"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def run(self, script: str) -> Any:
        """What an expression comes to, promises awaited. Raises RuntimeError where it throws."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, script: str) -> Any:
        """Wait until an expression is true. Raises TimeoutError when it never is."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(script)):
            if time.monotonic() > end:
                raise TimeoutError(script)
            time.sleep(0.02)
        return value

    def open(self, path: Path) -> float:
        """Open a file; the seconds until it is drawn."""
        begun = time.monotonic()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until(f"location.protocol === 'file:' && decodeURI(location.pathname).endsWith({json.dumps(path.name)})")
        self.until("document.readyState === 'complete' && Boolean(document.querySelector('.plot .main-svg'))")
        return time.monotonic() - begun

    def worked(self) -> float:
        """Seconds of processor time that the page's thread has used since it was opened, whatever else the machine does."""
        told = {metric["name"]: metric["value"] for metric in self.call("Performance.getMetrics")["metrics"]}
        return float(told["TaskDuration"])

    def size(self, width: int, height: int = 900) -> None:
        """Give the tab so many pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name: str) -> None:
        """Prefer `light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key if key != " " else "Space",
                text=text if kind == "keyDown" else "",
            )

    def picture(self, path: Path, whole: bool = True) -> None:
        """Save what is seen, or the whole page, as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def printed(self, path: Path) -> None:
        """Save the page as PDF, as it is printed."""
        sheet = self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True, paperWidth=8.27, paperHeight=11.69)
        path.write_bytes(base64.b64decode(sheet["data"]))

    def close(self) -> None:
        self._socket.close()


@contextmanager
def opened(program: str) -> Iterator[Page]:
    """A fresh browser with one tab; both end with the context."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",  # containers have no user namespaces, and what is opened is ours
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                f"--proxy-server={NOWHERE}",
                f"--user-data-dir={profile}",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            page = Page(_address(Path(profile), process))
            yield page
            page.close()
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def _address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the tab listens. Raises TimeoutError when the browser does not come up."""
    end = time.monotonic() + PATIENCE
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
        told = profile / "DevToolsActivePort"
        if told.is_file() and (port := told.read_text(encoding="ascii").split("\n")[0]):
            tabs = json.load(direct.open(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE))
            pages = [tab for tab in tabs if tab["type"] == "page"]
            if pages:
                return str(pages[0]["webSocketDebuggerUrl"])
    raise TimeoutError(f"the browser did not come up (status {process.poll()})")
