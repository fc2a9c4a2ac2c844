"""Faults for a whole test: turned on at the proxy (fault_proxy.py) that the environment names, counted and judged in the
end; and credentials that can be renewed, which a token that expires is about.

    with Faults() as faults: …  # ORDERLY_TEST_FAULTS_URL
    is_well = faults.prove_something()

Python's standard library only."""

import datetime
import http.server
import json
import os
import sys
import threading
import urllib.request
import uuid

SEED = 20_261_121

# Chances for each request: many faults in a thousand requests, but hardly ever so many in a row that a call which is
# tried six or eight times fails by chance. A new token stays good for a while, as those of AWS do.
SETTINGS = {
    "conflict": 0.03,
    "throttle": 0.01,
    "in_progress": 0.01,
    "dropped": 0.005,
    "lost": 0.01,
    "error_before": 0.005,
    "error_after": 0.01,
    "expired_token": {"probability": 0.01, "apart": 500},
    "iterator_expired": 0.01,
    "stale": 0.5,
    "duplicate_records": 0.1,
    "late_records": 0.1,
}

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Faults:
    """On from `with` to its end, or to off(); what was injected is counted for as long as the proxy lives."""

    def __init__(self, settings=None, seed=SEED):
        self.url = os.environ["ORDERLY_TEST_FAULTS_URL"] + "/__faults"
        self.settings = dict(settings if settings is not None else SETTINGS)
        self.seed = seed

    def __enter__(self):
        print(f"faults: seed {self.seed}, {json.dumps(self.settings)}", flush=True)
        self._post({**self.settings, "seed": self.seed})
        return self

    def __exit__(self, *_):
        self.off()

    def off(self):
        self._post({})

    def _post(self, settings):
        request = urllib.request.Request(self.url, data=json.dumps(settings).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as response:
            response.read()

    def report(self):
        with urllib.request.urlopen(self.url, timeout=10) as response:
            return json.load(response)

    def never_injected(self):
        """The kinds that were asked for and never came; nothing was proved about those."""
        injected = self.report()["injected"]
        return [name for name in self.settings if injected[name] == 0]

    def prove_something(self):
        """Prints the counts; whether each kind came."""
        report = self.report()
        total = sum(report["injected"].values())
        print(f"faults: {total} injected into {report['requests']} requests (seed {self.seed})")
        for name in self.settings:
            print(f"  {name:<18} {report['injected'][name]:>6}")
        never = self.never_injected()
        if never:
            print(f"never injected, so that nothing was proved about it: {', '.join(never)}")
        sys.stdout.flush()
        return not never


class CredentialsEndpoint:
    """What a container of ECS asks for its credentials: new ones, with a session token of their own, at each call."""

    def __init__(self, access_key_id, secret_access_key):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = json.dumps(endpoint.fresh(access_key_id, secret_access_key)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.given = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def fresh(self, access_key_id, secret_access_key):
        self.given += 1
        expiration = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        return {"AccessKeyId": access_key_id, "SecretAccessKey": secret_access_key, "Token": uuid.uuid4().hex,
                "Expiration": expiration.strftime("%Y-%m-%dT%H:%M:%SZ")}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/credentials"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def renewable_credentials():
    """An endpoint that gives out the environment's credentials, to be named by `environment_with`."""
    return CredentialsEndpoint(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])


def environment_with(endpoint, environment=None):
    """The environment, in which credentials come from the endpoint alone."""
    kept = dict(os.environ if environment is None else environment)
    for name in KEYS:
        kept.pop(name, None)
    return {**kept, "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url}
