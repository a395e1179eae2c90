"""Plays films in headless Chromium from a server on loopback and brings back what was shown (player.js)."""
import contextlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
KINDS = {".mp4": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml", ".vtt": "text/vtt",
         ".jpg": "image/jpeg", ".js": "text/javascript"}
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program():
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, files, jobs=(), scripts=()):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.jobs, self.scripts = files, jobs, scripts
        self.results = {}
        self.done = threading.Event()

    def handle_error(self, request, client_address):
        pass  # a browser that has seen enough hangs up


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, kind, status=200, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        own = HERE / pathlib.PurePosixPath(self.path).name
        if self.path == "/":
            scripts = "".join(f"<script src='{name}'></script>" for name in self.server.scripts)
            self.answer(f"<!doctype html><meta charset=utf-8><body>{scripts}".encode(), "text/html")
        elif self.path.removeprefix("/") in self.server.scripts and own.exists():
            self.answer(own.read_bytes(), "text/javascript")
        elif self.path == "/jobs":
            self.answer(json.dumps(self.server.jobs).encode(), "application/json")
        elif self.path in self.server.files:
            path = pathlib.Path(self.server.files[self.path])
            self.media(path.read_bytes(), KINDS.get(path.suffix, "application/octet-stream"))
        else:
            self.answer(b"", "text/plain", 404)

    def media(self, body, kind):
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            self.answer(body, kind, headers=[("Accept-Ranges", "bytes")])
            return
        first = int(wanted[1])
        last = min(int(wanted[2]) if wanted[2] else len(body) - 1, len(body) - 1)
        self.answer(body[first:last + 1], kind, 206, [("Accept-Ranges", "bytes"),
                                                             ("Content-Range", f"bytes {first}-{last}/{len(body)}")])

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/result/"):
            self.server.results[urllib.parse.unquote(self.path.removeprefix("/result/"))] = json.loads(body)
        elif self.path == "/done":
            self.server.done.set()
        self.answer(b"{}", "application/json")


@contextlib.contextmanager
def serving(files):
    """Serves files, by their URLs' paths, for players that fetch; gives the address before those."""
    server = Server(files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def play(files, jobs, timeout, scripts=("player.js",)):
    """Does the jobs, `{"id", "url", "fps", "rate"}` or `{"id", "url", "fps", "seek": [frame]}`, on `files`, a file by its
    URL's path. Returns results by id; those the browser did not come to are missing."""
    server = Server(files, jobs, scripts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="longtake-browser-", ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio",
             "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
             "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
             "--disable-renderer-backgrounding", f"--user-data-dir={profile}",
             f"http://127.0.0.1:{server.server_port}/"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            server.done.wait(timeout)
        finally:
            os.killpg(browser.pid, signal.SIGTERM)
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(browser.pid, signal.SIGKILL)
                browser.wait()
            server.shutdown()
            server.server_close()
    return server.results
