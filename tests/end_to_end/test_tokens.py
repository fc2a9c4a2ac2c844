"""Callers who sign in with an outside issuer: a server here that publishes its key, and tokens signed by openssl. What a
good token is and what is none is tested case by case in src/engines/jwt."""

import base64
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import time
import unittest

import shop

AUDIENCE = "shop"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An RSA key, and a web server on loopback that publishes its public half."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="orderly-issuer-")
        self.key_file = pathlib.Path(self.folder.name) / "key.pem"
        self._openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key_file)
        modulus = self._openssl("rsa", "-in", self.key_file, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}
        self.asked = 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked += 1
                body = json.dumps({"keys": [key]}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _openssl(self, *arguments, data=None):
        return subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=True).stdout

    def token(self, subject, **claims):
        now = int(time.time())
        payload = {"iss": self.url, "aud": AUDIENCE, "sub": subject, "exp": now + 600, "iat": now, **claims}
        parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "one", "typ": "JWT"}, payload)]
        signed = ".".join(parts)
        return f"{signed}.{base64url(self._openssl('dgst', '-sha256', '-sign', self.key_file, data=signed.encode()))}"

    def values(self, audience=AUDIENCE):
        return {"issuer": self.url, "audience": audience, "jwks_url": f"{self.url}/keys", "roles_claim": "groups"}

    def settings(self, number="", audience=AUDIENCE):
        return [part for name, value in self.values(audience).items()
                for part in ("--set", f"tokens.{number}{name}={value}")]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


def bearer(token):
    return {"authorization": f"Bearer {token}"}


class TokensTest(unittest.TestCase):
    def setUp(self):
        self.issuer = Issuer()
        self.addCleanup(self.issuer.close)
        self.shop = shop.Shop(*self.issuer.settings())
        self.addCleanup(self.shop.close)

    def test_a_shop_with_an_issuer_knows_its_users(self):
        self.assertEqual(self.shop.get("/orders").status, 401, "an issuer ends the demo")
        ann, bob = bearer(self.issuer.token("ann")), bearer(self.issuer.token("bob"))
        placed = self.shop.post("/orders", {"items": [{"product_id": "1", "quantity": 1}], "pay_later": True}, ann)
        self.assertEqual(placed.status, 200, placed)
        self.assertRegex(placed.json["client_id"], "^sub_[A-Za-z0-9_-]{22}$")
        path = f"/orders/{placed.json['id']}"
        self.assertEqual(self.shop.get(path, bearer(self.issuer.token("ann", jti="another"))).status, 200)
        self.assertEqual(self.shop.get(path, bob).status, 404)
        self.assertEqual(self.shop.post(f"{path}/ship", {}, ann).status, 403)
        staff = bearer(self.issuer.token("eve", groups=["everyone", "staff"]))
        self.assertEqual(self.shop.get(path, staff).status, 200)
        self.assertEqual(self.shop.get("/keys", staff).status, 403)
        self.assertEqual(self.issuer.asked, 1, "its keys are kept")

    def test_bad_tokens_are_refused(self):
        good = self.issuer.token("ann")
        for token in (self.issuer.token("ann", exp=int(time.time()) - 100), self.issuer.token("ann", aud="another"),
                      self.issuer.token("ann", iss="https://issuer.example"), good[:-4] + "AAAA", "a.b.c",
                      base64url(b'{"alg":"none","kid":"one"}') + "." + good.split(".")[1] + "."):
            answer = self.shop.get("/orders", bearer(token))
            self.assertEqual((answer.status, answer.code), (401, "invalid-token"), token)
        self.assertEqual(self.shop.get("/orders", bearer(good)).status, 200)

    def test_without_the_issuer_nobody_gets_in_by_a_token_and_keys_still_do(self):
        key = self.shop.output_path.read_text().split("ok_test_")[1].split()[0]
        token = bearer(self.issuer.token("ann"))
        self.issuer.server.shutdown()
        self.issuer.server.server_close()
        for _ in range(5):
            answer = self.shop.get("/orders", token)
            self.assertEqual((answer.status, answer.code), (503, "issuer-unavailable"))
        self.assertEqual(self.shop.get("/orders", bearer(f"ok_test_{key}")).status, 200)
        alarms = [line for line in self.shop.log_lines() if line.get("alarm") == "issuer-unavailable"]
        self.assertEqual([line["concerns"] for line in alarms], ["127.0.0.1"], "once, and not for each request")


class SeveralIssuersTest(unittest.TestCase):
    """Both name their key "one"."""

    def setUp(self):
        self.first, self.second = Issuer(), Issuer()
        self.addCleanup(self.first.close)
        self.addCleanup(self.second.close)

    def open(self, *options):
        opened = shop.Shop(*options)
        self.addCleanup(opened.close)
        return opened

    def assert_refused(self, opened, token):
        answer = opened.get("/orders", bearer(token))
        self.assertEqual((answer.status, answer.code), (401, "invalid-token"))

    def test_each_token_is_checked_against_the_issuer_that_it_names(self):
        opened = self.open(*self.first.settings(), *self.second.settings("2.", "another-audience"))
        places = {"items": [{"product_id": "1", "quantity": 1}], "pay_later": True}
        by_first = opened.post("/orders", places, bearer(self.first.token("ann")))
        by_second = opened.post("/orders", places, bearer(self.second.token("ann", aud="another-audience")))
        self.assertEqual((by_first.status, by_second.status), (200, 200))
        self.assertNotEqual(by_first.json["client_id"], by_second.json["client_id"], "two who happen to share a name")
        self.assert_refused(opened, self.second.token("ann"))  # the first's audience
        self.assert_refused(opened, self.first.token("ann", aud="another-audience"))
        # Signed by the one, in the name of the other.
        self.assert_refused(opened, self.second.token("ann", iss=self.first.url))
        self.assert_refused(opened, self.first.token("ann", iss=self.second.url, aud="another-audience"))
        self.assert_refused(opened, self.first.token("ann", iss="https://issuer.example"))
        self.assertEqual((self.first.asked, self.second.asked), (1, 1))

    def test_one_that_is_down_locks_out_its_own_users_alone(self):
        opened = self.open(*self.first.settings("1."), *self.second.settings("7."))
        token = self.second.token("bob")
        self.second.server.shutdown()
        self.second.server.server_close()
        self.assertEqual(opened.get("/orders", bearer(token)).status, 503)
        self.assertEqual(opened.get("/orders", bearer(self.first.token("ann"))).status, 200)

    def test_the_file_lists_them_and_variables_know_them_by_number(self):
        with shop.Shop(seed=False) as opened:
            opened.stop()
            lines = [f"[[tokens]]\n" + "".join(f'{name} = "{value}"\n' for name, value in issuer.values().items())
                     for issuer in (self.first, self.second)]
            toml = opened.folder / "orderly.toml"
            toml.write_text("".join(lines))
            opened.start()
            for issuer in (self.first, self.second):
                self.assertEqual(opened.get("/orders", bearer(issuer.token("ann"))).status, 200)
            opened.stop()
            opened.variables = {"ORDERLY_TOKENS_2_AUDIENCE": "changed"}
            opened.start()
            self.assertEqual(opened.get("/orders", bearer(self.first.token("ann"))).status, 200)
            self.assert_refused(opened, self.second.token("ann"))
            self.assertEqual(opened.get("/orders", bearer(self.second.token("ann", aud="changed"))).status, 200)
            opened.stop()


class SettingsTest(unittest.TestCase):
    def test_an_issuer_that_is_set_up_by_halves_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            refused = shop.run_program("serve", "--data", folder, "--set", "tokens.issuer=https://issuer.example")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("tokens.issuer, tokens.audience and tokens.jwks_url go together", refused.stderr)

    def test_the_second_of_several_is_named_in_what_is_wrong_with_it(self):
        good = {"issuer": "https://a.example", "audience": "shop", "jwks_url": "https://a.example/keys"}
        for changed, expected in (
                ({"tokens.2.issuer": "https://b.example"}, "tokens.2.issuer, tokens.2.audience and tokens.2.jwks_url go"),
                ({f"tokens.2.{name}": value for name, value in good.items()}, "tokens.2.issuer is another number's"),
                ({"tokens.2.jwks_url": "b.example"}, "tokens.2.jwks_url must be a URL"),
                ({"tokens.2.colour": "red"}, "there is no setting tokens.2.colour"),
                ({"tokens.0.issuer": "x"}, "there is no setting tokens.0.issuer"),
                ({"tokens.10.issuer": "x"}, "there is no setting tokens.10.issuer"),
                ({"tokens.issuers": "x"}, "there is no setting tokens.issuers")):
            values = {**{f"tokens.{name}": value for name, value in good.items()}, **changed}
            options = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
            with tempfile.TemporaryDirectory() as folder:
                refused = shop.run_program("serve", "--data", folder, *options)
            self.assertEqual(refused.returncode, 2, values)
            self.assertIn(expected, refused.stderr)


if __name__ == "__main__":
    unittest.main()
