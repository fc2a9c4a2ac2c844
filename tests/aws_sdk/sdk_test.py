"""A test with a shop on the AWS engine and AWS's SDK beside it."""

import clients
import shop

ADDRESS = {"name": "Ada Canary", "line1": "12 Wharfinger Street", "line2": "c/o ada.canary@example.com",
           "city": "Gullsby", "postal_code": "SE-10115", "country": "SE"}


class SdkTest(shop.ShopTest):
    sdk = None
    prefix = None  # also the table's name

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = next(part.partition("=")[2] for part in cls.shop.home if part.startswith("aws.prefix="))
        cls.bucket = cls.prefix + "-files"
        cls.sdk = clients.sdk()

    # --- Through the shop -----------------------------------------------------------------------------------------

    @classmethod
    def invoiced_order(cls, **fields):
        """Paid, invoiced, and with its PDF."""
        order = cls.shop.order_with_invoice(cls.shop.place(shipping_address=ADDRESS, **fields)["id"])
        cls.shop.pdf(order["invoice"])
        return cls.shop.order_when(order["id"], status="confirmed")

    # --- Through the SDK ------------------------------------------------------------------------------------------

    @staticmethod
    def key(partition, sort="META"):
        return {"pk": partition, "sk": sort}

    def item(self, partition, sort="META"):
        """A record as lib-dynamodb shows it; None when there is none."""
        return self.sdk.dynamodb("Get", TableName=self.prefix, Key=self.key(partition, sort),
                                 ConsistentRead=True).get("Item")

    def assert_refused(self, name, call, *arguments, **options):
        with self.assertRaises(clients.Refused) as raised:
            call(*arguments, **options)
        self.assertEqual(raised.exception.name, name)
