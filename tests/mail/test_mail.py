"""Mails that a real server took, read by Python's own reader of mail; and what becomes of those that it does not take.
Needs the peer:

  tests/peers/peers.py --with mail -- python3 tests/mail/test_mail.py
"""

import base64
import email
import email.header
import email.policy
import email.utils
import json
import os
import pathlib
import socket
import stat
import subprocess
import tempfile
import time
import unittest
import urllib.request
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ORDERLY_SEND_MAIL", str(REPOSITORY / "build" / "release" / "orderly_send_mail"))
PEER = os.environ["ORDERLY_TEST_MAIL_URL"]
FROM = "Läden & Söhne <laden@example.com>"
UMLAUTS = "Grüße aus Łódź: 2 × Straßenkäse ☂ – 日本語"


def peer(path="/"):
    with urllib.request.urlopen(PEER + path, timeout=10) as answer:
        return json.load(answer)


def send(**wish):
    whole = {"from": FROM, "subject": "Your order", "text": "Thank you.\n", **wish}
    done = subprocess.run([PROGRAM], input=json.dumps(whole), text=True, capture_output=True, timeout=60, check=True)
    if done.stderr:
        raise AssertionError(f"libcurl or we talk: {done.stderr}")
    return json.loads(done.stdout)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(part):
    return part.get_content().replace("\r\n", "\n")


class MailTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.peer = peer()
        self.plain = f"smtp://127.0.0.1:{self.peer['ports']['plain']}"

    def url(self, port, scheme="smtp", host="localhost"):
        return f"{scheme}://{host}:{self.peer['ports'][port]}"

    def signed_in(self, port, **wish):
        tls = {"url": self.url(port, "smtps")} if port == "tls" else {"url": self.url(port), "starttls": True}
        return {**tls, "user": self.peer["user"], "password": self.peer["password"],
                "root_file": self.peer["root_file"], **wish}

    def take(self, **wish):
        """Sends to an address of its own: (what the server took, the mail)."""
        to = f"ann-{uuid.uuid4().hex}@example.com"
        answer = send(to=to, **wish)
        self.assertIn("id", answer, answer)
        taken, = [each for each in peer("/mails") if to in each["to"]]
        self.raw = base64.b64decode(taken["text"])
        mail = read(self.raw)
        self.assertEqual(mail["message-id"], f"<{answer['id']}>")
        self.assertEqual(mail.defects, [])
        for part in mail.walk():
            self.assertEqual(part.defects, [])
        return taken, mail

    def assert_kept_for_later(self, answer, detail=""):
        self.assertEqual(answer.get("slug"), "notifier-unavailable", answer)
        self.assertIn(detail, answer["detail"])

    def assert_refused(self, answer, detail):
        self.assertEqual((answer.get("slug"), answer.get("detail")), ("notice-refused", detail), answer)


class TextsTest(MailTest):
    def test_a_mail_arrives_as_it_was_written(self):
        taken, mail = self.take(url=self.plain, subject="Your order ord_1", text="Thank you.\nWe ship today.\n")
        self.assertEqual((taken["from"], taken["user"]), ("laden@example.com", None))
        self.assertEqual(mail["subject"], "Your order ord_1")
        self.assertEqual(mail["to"], taken["to"][0])
        sender, = mail["from"].addresses
        self.assertEqual((sender.display_name, sender.addr_spec), ("Läden & Söhne", "laden@example.com"))
        self.assertEqual(mail.get_content_type(), "text/plain")
        self.assertEqual(text_of(mail), "Thank you.\nWe ship today.\n")
        self.assertEqual(mail["auto-submitted"], "auto-generated")
        self.assertLess(abs(email.utils.parsedate_to_datetime(mail["date"]).timestamp() - time.time()), 60)
        self.assertRegex(mail["message-id"], "^<[0-9a-f]{32}@example.com>$")

    def test_a_mail_of_two_kinds_arrives_with_both(self):
        _, mail = self.take(url=self.plain, text="Hello\n", html="<p>Hello</p>\n")
        self.assertEqual(mail.get_content_type(), "multipart/alternative")
        self.assertEqual([(part.get_content_type(), text_of(part)) for part in mail.iter_parts()],
                         [("text/plain", "Hello\n"), ("text/html", "<p>Hello</p>\n")])

    def test_text_beyond_ascii_arrives(self):
        for subject in (UMLAUTS, UMLAUTS * 5, "ü" * 200, "=?UTF-8?B?not=?=", " padded ", "", "a" * 120, "word " * 40 + "end"):
            with self.subTest(subject=subject):
                _, mail = self.take(url=self.plain, subject=subject, text=UMLAUTS + "\n", html=f"<b>{UMLAUTS}</b>\n")
                self.assertEqual(mail["subject"], subject)
                text, html = mail.iter_parts()
                self.assertEqual((text_of(text), text_of(html)), (UMLAUTS + "\n", f"<b>{UMLAUTS}</b>\n"))
                self.raw.decode("ascii")

    def test_names_arrive_whatever_is_in_them(self):
        for name in ("Läden & Söhne", "Łukasz Żółć", 'A "quoted", name.', "Shop, Inc.", "Plain Shop", "ü" * 100, "n" * 180):
            with self.subTest(name=name):
                quoted = name.replace("\\", "\\\\").replace('"', '\\"')
                self.take(url=self.plain, **{"from": f'"{quoted}" <laden@example.com>'})
                # By the older reader: the newer one of Python 3.11 leaves a gap between two encoded-words of a name.
                shown, address = email.utils.parseaddr(email.message_from_bytes(self.raw)["from"])
                shown = str(email.header.make_header(email.header.decode_header(shown)))
                self.assertEqual((shown, address), (name, "laden@example.com"))

    def test_lines_of_any_length_and_with_dots_arrive(self):
        texts = (".\n", "..\n.hidden\n\n.\n.\n", "x" * 5000 + "\n", ("word " * 300).strip() + "\n", "a\n" * 500,
                 "spaces at the end   \ntabs\t\n", "= equals == everywhere =3D\n", "From here\n", "é" * 2000 + "\n",
                 "\n\n\n", "no line end", "." * 200 + "\n", ("." + "y" * 74) * 4 + "\n")
        for text in texts:
            with self.subTest(text=text[:40]):
                _, mail = self.take(url=self.plain, text=text)
                self.assertEqual(text_of(mail), text if text.endswith("\n") else text + "\n")
                self.assertLessEqual(max(len(line) for line in self.raw.split(b"\r\n")), 78)
                self.assertNotIn(b"\n", self.raw.replace(b"\r\n", b""))

    def test_a_subject_or_an_address_cannot_bring_headers(self):
        for wish in ({"subject": "Hello\r\nBcc: eve@example.com"}, {"subject": "Hello\nBcc: eve@example.com"},
                     {"subject": "Hello\rBcc: eve@example.com"}, {"subject": "Hello\u0085there"}):
            self.assert_refused(send(url=self.plain, to="ann@example.com", **wish), "a subject of several lines")
        for to in ("", "ann", "ann@", "@example.com", "ann@example.com\r\nBcc: eve@example.com", "ann@example.com>",
                   "ann@example.com, eve@example.com", "<ann@example.com> SIZE=1", "ann@exämple.com", "änn@example.com",
                   "ann@-example.com", "ann@example..com", "a nn@example.com", '"ann"@example.com', "ann@[127.0.0.1]",
                   "a" * 65 + "@example.com", "ann@" + "a" * 64 + ".com", "ann@" + "a." * 130 + "com",
                   "Ann\r\nBcc: eve@example.com <ann@example.com>", "ann@example.com\0"):
            self.assert_refused(send(url=self.plain, to=to), "no address that mail can be sent to")
        self.assertEqual([each for each in peer("/mails") if any("eve" in to for to in each["to"])], [])


class ServersTest(MailTest):
    def test_a_server_with_starttls_and_a_password_takes_it(self):
        taken, _ = self.take(**self.signed_in("starttls"))
        self.assertEqual((taken["port"], taken["user"]), ("starttls", self.peer["user"]))

    def test_a_server_with_tls_and_a_password_takes_it(self):
        taken, _ = self.take(**self.signed_in("tls"))
        self.assertEqual((taken["port"], taken["user"]), ("tls", self.peer["user"]))

    def test_a_wrong_or_missing_password_is_ours_to_mend(self):
        for port in ("starttls", "tls"):
            wrong = send(to="ann@example.com", **self.signed_in(port, password="wrong"))
            self.assert_kept_for_later(wrong, "AUTH: 535 5.7.8")
            missing = send(to="ann@example.com", **self.signed_in(port, user="", password=""))
            self.assert_kept_for_later(missing, "MAIL: 530 5.7.0")
            self.assertNotIn("Pferd", json.dumps([wrong, missing]))

    def test_only_a_server_that_proves_who_it_is_gets_the_mail(self):
        before = len(peer("/mails"))
        for wish in (self.signed_in("stranger"), self.signed_in("starttls", root_file=""),
                     self.signed_in("tls", root_file=""),
                     self.signed_in("starttls", url=self.url("starttls", host="127.0.0.1")),
                     self.signed_in("tls", url=self.url("tls", "smtps", "127.0.0.1"))):
            answer = send(to="ann@example.com", **wish)
            self.assert_kept_for_later(answer, "SSL")
        self.assertEqual(len(peer("/mails")), before)

    def test_without_tls_nothing_is_said_to_a_server_that_should_have_it(self):
        before = len(peer("/mails"))
        self.assert_kept_for_later(send(to="ann@example.com", **self.signed_in("plain")), "SSL")
        self.assertEqual(len(peer("/mails")), before)

    def test_a_server_that_is_not_there_is_asked_again_later(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            port = taken.getsockname()[1]
            self.assert_kept_for_later(send(url=f"smtp://127.0.0.1:{port}", to="ann@example.com"), "connect")
        self.assert_kept_for_later(send(url="smtps://no-such-host.invalid", to="ann@example.com"), "resolve")

    def test_a_server_that_says_nothing_is_given_up(self):
        begun = time.monotonic()
        for wish in ({"url": self.url("halting"), "to": "ann@example.com"}, {"url": self.plain, "to": "silent@example.com"}):
            self.assert_kept_for_later(send(timeout_ms=1500, **wish), "Timeout")
        self.assertLess(time.monotonic() - begun, 10)

    def test_what_no_retry_can_mend_is_refused_and_nothing_personal_is_told(self):
        for name, detail in {"unknown": "RCPT: 550 5.1.1", "full": "RCPT: 552 5.2.2", "malformed": "RCPT: 501 5.1.3"}.items():
            self.assert_refused(send(url=self.plain, to=f"{name}@example.com"), detail)
        self.assert_refused(send(url=self.plain, to="ann@example.com", subject="spam"), "DATA: 554 5.7.1")

    def test_what_a_retry_may_mend_is_kept(self):
        for wish, detail in (({"to": "greylisted@example.com"}, "RCPT: 451 4.7.1"),
                             ({"to": "forbidden@example.com"}, "RCPT: 550 5.7.1"),
                             ({"to": "gone@example.com"}, "DATA: 354"),
                             ({"to": "ann@example.com", "from": "blocked@example.com"}, "MAIL: 550 5.7.1")):
            self.assert_kept_for_later(send(url=self.plain, **wish), detail)


class FolderTest(MailTest):
    def setUp(self):
        self.parent = tempfile.TemporaryDirectory(prefix="orderly-mail-")
        self.addCleanup(self.parent.cleanup)
        self.folder = pathlib.Path(self.parent.name) / "mail"

    def test_each_mail_is_a_file_that_only_we_may_read(self):
        ids = [send(folder=str(self.folder), to="ann@example.com", subject=f"{UMLAUTS} {n}", html="<p>.</p>\n",
                    text=f"{UMLAUTS}\n")["id"] for n in range(3)]
        files = sorted(self.folder.iterdir())
        self.assertEqual(len(files), 3, "and nothing else is left")
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        for n, (file, mail_id) in enumerate(zip(files, ids)):
            self.assertRegex(file.name, r"^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-[0-9a-f]{32}\.eml$")
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
            mail = read(file.read_bytes())
            self.assertEqual((mail["message-id"], mail["subject"], mail["to"]),
                             (f"<{mail_id}>", f"{UMLAUTS} {n}", "ann@example.com"))
            self.assertEqual(text_of(mail.get_body(("plain",))), f"{UMLAUTS}\n")

    def test_a_folder_that_cannot_be_written_is_tried_again_later(self):
        self.folder.write_text("a file of that name")
        answer = send(folder=str(self.folder), to="ann@example.com")
        self.assert_kept_for_later(answer, "opening the folder")
        answer = send(folder=str(self.folder / "deeper" / "mail"), to="ann@example.com")
        self.assert_kept_for_later(answer, "making the folder")

    def test_a_bad_address_makes_no_file(self):
        self.assertEqual(send(folder=str(self.folder), to="ann")["slug"], "notice-refused")
        self.assertFalse(self.folder.exists())


if __name__ == "__main__":
    unittest.main()
