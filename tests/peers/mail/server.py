#!/usr/bin/env python3
"""A mail server for tests, by aiosmtpd: it takes mails on several ports, each with rules of its own, and shows them.

  server.py --port N --folder F     N: where it tells, over HTTP, what there is; F: for its certificates

  GET /        {"ports": {…}, "root_file", "user", "password"}
  GET /mails   all that were taken: [{"port", "from", "to", "text", "user"}]; text in base64, as it came, without the
               dots that SMTP adds

Ports: plain (neither TLS nor a password), starttls (TLS first, then a password), tls (TLS from the first byte, then a
password), stranger (STARTTLS with a certificate that nobody vouches for), halting (greets and says nothing more).

What it says depends on the recipient's name before the '@': unknown 550, greylisted 451, forbidden 550 5.7.1 (relaying),
full 552, malformed 501, silent (no answer), gone (hangs up once the text has come); on the sender's: blocked 550; on the subject: spam 554
after the text.
"""
import argparse
import asyncio
import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER = "shop@example.com"
PASSWORD = "korrektes Pferd ☂"
OF_RECIPIENTS = {
    "unknown": "550 5.1.1 <unknown@example.com>: no such user here",
    "greylisted": "451 4.7.1 greylisted, try again later",
    "forbidden": "550 5.7.1 relaying denied",
    "full": "552 5.2.2 the mailbox is full",
    "malformed": "501 5.1.3 bad recipient address syntax",
}


class Mails:
    def __init__(self, port_name):
        self.port_name = port_name

    async def handle_MAIL(self, _server, _session, envelope, address, options):
        if address.startswith("blocked@"):
            return "550 5.7.1 this sender is not welcome"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "silent":
            await asyncio.sleep(3600)
        if name in OF_RECIPIENTS:
            return OF_RECIPIENTS[name]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if b"\r\nSubject: spam\r\n" in envelope.original_content:
            return "554 5.7.1 this looks like spam"
        taken.append({"port": self.port_name, "from": envelope.mail_from, "to": envelope.rcpt_tos,
                      "text": base64.b64encode(envelope.original_content).decode(),
                      "user": getattr(session, "auth_data", None)})
        if envelope.rcpt_tos[0].startswith("gone@"):
            server.transport.abort()
        return "250 OK"


taken = []


def authenticate(_server, _session, _envelope, _mechanism, data):
    is_known = (isinstance(data, LoginPassword) and data.login == USER.encode()
                and data.password == PASSWORD.encode())
    return AuthResult(success=is_known, handled=False, auth_data=USER if is_known else None)


def make_certificate(folder, name):
    """Signed by itself, for "localhost" alone."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "1", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


async def halt(_reader, writer):
    writer.write(b"220 mail.example.com\r\n")
    await asyncio.sleep(3600)


async def listen(folder):
    loop = asyncio.get_running_loop()
    root_file, trusted = make_certificate(folder, "trusted")
    _, untrusted = make_certificate(folder, "stranger")
    signed_in = {"authenticator": authenticate, "auth_required": True}
    ports = {}
    for name, options, outer in (
            ("plain", {}, None),
            ("starttls", {"tls_context": trusted, "require_starttls": True, **signed_in}, None),
            ("tls", {"auth_require_tls": False, **signed_in}, trusted),  # what it asks about is STARTTLS
            ("stranger", {"tls_context": untrusted, "require_starttls": True}, None)):
        def protocol(name=name, options=options):
            return SMTP(Mails(name), hostname="mail.example.com", loop=loop, **options)
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=outer)
        ports[name] = server.sockets[0].getsockname()[1]
    halting = await asyncio.start_server(halt, "127.0.0.1", 0)
    ports["halting"] = halting.sockets[0].getsockname()[1]
    return {"ports": ports, "root_file": str(root_file), "user": USER, "password": PASSWORD}


def tell(port, description):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(taken if self.path == "/mails" else description).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    description = await listen(arguments.folder)
    threading.Thread(target=tell, args=(arguments.port, description), daemon=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
