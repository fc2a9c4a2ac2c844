"""URLs that the shop signed, used by Node's fetch as a browser would, and the same ones made by AWS's own SDK."""

import unittest
import urllib.parse
import uuid

import clients

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 5
NAME = "uploads/picture.png"


class SignedUrls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sdk = clients.sdk()

    def setUp(self):
        self.bucket = f"test-{uuid.uuid4().hex[:16]}-files"
        self.sdk.s3("CreateBucket", Bucket=self.bucket)

    def sign_upload(self, **moments):
        return clients.sign_urls(self.bucket, "upload", NAME, "image/png", len(PICTURE), **moments)

    def sign_download(self, *file_name, **moments):
        return clients.sign_urls(self.bucket, "download", NAME, *file_name, **moments)

    def use(self, transfer, body=None, url=None, **headers):
        """Status of the transfer, with other headers than those named ("-" for "_", None: without it)."""
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in transfer["headers"].items() if name not in changed}
        sent = {**kept, **{name: value for name, value in changed.items() if value is not None}}
        return self.sdk.fetch(url or transfer["url"], transfer["method"], sent, body)

    def assert_refused(self, answer):
        self.assertEqual(answer["status"], 403, answer)
        self.assertIn(b"<Error>", answer["body"])

    def assert_nothing_is_there(self):
        self.assertNotIn("Contents", self.sdk.s3("ListObjectsV2", Bucket=self.bucket))

    @staticmethod
    def query_of(url):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))

    # --- Uploads --------------------------------------------------------------------------------------------------

    def test_a_file_of_the_named_type_and_size_is_taken(self):
        upload = self.sign_upload()
        self.assertEqual(upload["method"], "PUT")
        self.assertEqual(self.use(upload, PICTURE)["status"], 200)
        file = self.sdk.s3("GetObject", Bucket=self.bucket, Key=NAME)
        self.assertEqual(file["Body"], PICTURE)
        self.assertEqual((file["ContentType"], file["ServerSideEncryption"]), ("image/png", "AES256"))

    def test_a_file_that_is_there_is_never_replaced(self):
        upload = self.sign_upload()
        self.assertEqual(self.use(upload, PICTURE)["status"], 200)
        self.assertEqual(self.use(upload, PICTURE[::-1])["status"], 412)
        self.assert_refused(self.use(upload, PICTURE[::-1], If_None_Match=None))
        self.assertEqual(self.sdk.s3("GetObject", Bucket=self.bucket, Key=NAME)["Body"], PICTURE)

    def test_anything_else_than_what_was_signed_is_refused(self):
        upload = self.sign_upload()
        other_path = upload["url"].replace("picture.png", "another.png")
        other_bucket = upload["url"].replace(self.bucket, self.bucket + "2")
        longer = upload["url"].replace("X-Amz-Expires=300", "X-Amz-Expires=301")
        for url in (other_path, other_bucket, longer):
            self.assertNotEqual(url, upload["url"])
            self.assert_refused(self.use(upload, PICTURE, url=url))
        self.assert_refused(self.use(upload, PICTURE, Content_Type="text/html"))
        self.assert_refused(self.use(upload, PICTURE, Content_Type=None))
        self.assert_refused(self.use(upload, PICTURE + b"!"))
        self.assert_refused(self.use(upload, PICTURE[1:]))
        self.assert_refused(self.use({**upload, "method": "DELETE"}))
        self.assert_refused(self.use({**upload, "method": "GET"}))
        self.assert_nothing_is_there()

    def test_an_upload_that_comes_too_late_is_refused(self):
        self.assert_refused(self.use(self.sign_upload(signed_s_ago=61, valid_for_s=60), PICTURE))
        self.assert_nothing_is_there()
        self.assertEqual(self.use(self.sign_upload(signed_s_ago=30, valid_for_s=60), PICTURE)["status"], 200)

    # --- Downloads ------------------------------------------------------------------------------------------------

    def test_a_file_is_fetched(self):
        self.use(self.sign_upload(), PICTURE)
        download = self.sign_download("Invoice-1.png")
        self.assertEqual((download["method"], download["headers"]), ("GET", {}))
        answer = self.use(download)
        self.assertEqual((answer["status"], answer["body"]), (200, PICTURE))
        self.assertEqual(answer["headers"]["content-type"], "image/png")
        self.assertEqual(answer["headers"]["content-disposition"], 'attachment; filename="Invoice-1.png"')
        self.assertEqual(self.use(self.sign_download())["body"], PICTURE)

    def test_another_file_or_a_later_moment_is_refused(self):
        self.use(self.sign_upload(), PICTURE)
        download = self.sign_download("Invoice-1.png")
        changes = (("picture.png", "picture2.png"), ("Invoice-1", "Invoice-2"), ("X-Amz-Signature=", "X-Amz-Nothing="))
        for old, new in changes:
            url = download["url"].replace(old, new)
            self.assertNotEqual(url, download["url"])
            self.assertEqual(self.use(download, url=url)["status"], 403, url)
        self.assert_refused(self.use(self.sign_download(signed_s_ago=61, valid_for_s=60)))
        self.assertEqual(self.sdk.fetch(download["url"].partition("?")[0])["status"], 403)

    # --- The SDK's own --------------------------------------------------------------------------------------------

    def test_the_sdk_signs_the_same_upload_over_the_same_headers(self):
        upload = self.sign_upload()
        url = self.sdk.signed_url(
            "PutObject", {"expiresIn": 300, "signableHeaders": ["content-type", "content-length", "if-none-match"],
                          "unhoistableHeaders": ["x-amz-server-side-encryption"]},
            Bucket=self.bucket, Key=NAME, ContentType="image/png", ContentLength=len(PICTURE), IfNoneMatch="*",
            ServerSideEncryption="AES256")
        ours, theirs = self.query_of(upload["url"]), self.query_of(url)
        for name in ("X-Amz-SignedHeaders", "X-Amz-Algorithm", "X-Amz-Expires", "X-Amz-Credential"):
            self.assertEqual(ours[name], theirs[name], name)
        self.assert_refused(self.use(upload, PICTURE, url=url, Content_Type="text/html"))
        self.assertEqual(self.use(upload, PICTURE, url=url)["status"], 200)
        self.assertEqual(self.use(upload, PICTURE)["status"], 412)  # one and the same file

    def test_the_sdk_signs_the_same_download(self):
        self.use(self.sign_upload(), PICTURE)
        download = self.sign_download("Invoice-1.png")
        url = self.sdk.signed_url("GetObject", {"expiresIn": 300}, Bucket=self.bucket, Key=NAME,
                                  ResponseContentDisposition='attachment; filename="Invoice-1.png"')
        ours, theirs = self.query_of(download["url"]), self.query_of(url)
        for name in ("X-Amz-SignedHeaders", "X-Amz-Algorithm", "X-Amz-Expires", "X-Amz-Credential",
                     "response-content-disposition"):
            self.assertEqual(ours[name], theirs[name], name)
        answers = [self.use(download), self.use(download, url=url)]
        for answer in answers:
            self.assertEqual((answer["status"], answer["body"]), (200, PICTURE))
            self.assertEqual(answer["headers"]["content-disposition"], 'attachment; filename="Invoice-1.png"')
