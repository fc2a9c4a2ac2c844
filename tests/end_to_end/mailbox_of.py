"""What a shop mails, read from the folder that it writes mails to, and what follows from it: accounts."""

import email
import email.policy
import re

import shop

CODE = re.compile(r"\bot_[0-9a-f]{40}\b")


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def owner_key(open_shop):
    """A new one."""
    made = open_shop.command("key", "create", "--name", "tests", "--role", "owner")
    return re.search(r"ok_test_[0-9A-Za-z]{66}", made).group(0)


class Mailbox:
    """Restarts the shop, to have its mails written to a folder."""

    def __init__(self, open_shop):
        self.shop = open_shop
        self.folder = open_shop.folder / "mail"
        open_shop.variables["ORDERLY_MAIL_FOLDER"] = str(self.folder)
        open_shop.restart()

    def mails(self, address):
        """To that address, oldest first."""
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if mail["To"] == address:
                found.append(mail)
        return found

    def wait_for(self, address, count=1):
        """The latest mail to the address, once there are so many."""
        shop.wait_until(lambda: len(self.mails(address)) >= count, what=f"mail number {count}")
        return self.mails(address)[-1]

    def code(self, address, count=1):
        return CODE.search(self.wait_for(address, count).get_content()).group(0)

    def open_account(self, address, password, name):
        """Signs up and confirms the address: the session."""
        signed_up = self.shop.post("/accounts", {"email": address, "password": password, "name": name})
        if signed_up.status != 202:
            raise AssertionError(f"no sign-up: {signed_up}")
        verified = self.shop.post("/accounts/verify", {"token": self.code(address), "password": password})
        if verified.status != 200:
            raise AssertionError(f"not verified: {verified}")
        return verified.json
