"""A proxy before DynamoDB that can hold back a commit, so that a test can be first for certain."""

import contextlib
import http.client
import http.server
import os
import threading
import urllib.parse

HELD_S_MAX = 20
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Held:
    """The first commit that names a record, on its way: `wait` until it has come, then `release` it."""

    def __init__(self, name):
        self.name = name.encode()
        self._came = threading.Event()
        self._may_go = threading.Event()
        self._lock = threading.Lock()

    def pass_by(self, action, body):
        """Returns when the request may be passed on; only the first that is meant waits."""
        if not action.endswith(".TransactWriteItems") or self.name not in body:
            return
        with self._lock:
            is_first = not self._came.is_set()
            self._came.set()
        if is_first:
            self._may_go.wait(HELD_S_MAX)

    def wait(self):
        if not self._came.wait(HELD_S_MAX):
            raise AssertionError(f"no commit came that names {self.name.decode()}")

    def release(self):
        self._may_go.set()


class Gate:
    """Passes everything on, on a port of 127.0.0.1, until it is closed."""

    def __init__(self):
        self._upstream = urllib.parse.urlsplit(os.environ["ORDERLY_TEST_DYNAMODB_URL"])
        self._held = None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def holding(self, name):
        held = Held(name)
        self._held = held
        try:
            yield held
        finally:
            self._held = None
            held.release()

    def _handler(gate):  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.upstream = http.client.HTTPConnection(gate._upstream.hostname, gate._upstream.port, timeout=60)

            def finish(self):
                self.upstream.close()
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                held = gate._held
                if held is not None:
                    held.pass_by(self.headers["X-Amz-Target"], body)
                self.upstream.request("POST", self.path, body, dict(self.headers))
                answer = self.upstream.getresponse()
                content = answer.read()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler
