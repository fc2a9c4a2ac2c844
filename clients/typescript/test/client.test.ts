// The client as its users have it, against a running shop that asks for keys: run_tests.py of tests/typescript_client
// starts one and says where it is and what its owner's key is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOrderlyClient, type Order, type OrderlyClient } from "@orderly/client";

const baseUrl = needed("ORDERLY_URL");
const ownersKey = needed("ORDERLY_OWNERS_KEY");

function needed(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

async function order(client: OrderlyClient, id: string): Promise<Order> {
  const { data, response } = await client.GET("/orders/{id}", { params: { path: { id } } });
  assert.ok(data, `GET /orders/${id}: ${response.status}`);
  return data;
}

// What workers do next: an order's first change after it was `before`.
async function statusAfter(client: OrderlyClient, placed: Order, before: string[]): Promise<string> {
  for (let attempt = 0; attempt < 20; ++attempt) {
    const { data } = await client.GET("/orders/status/{client}/{order}", {
      params: { path: { client: placed.client_id, order: placed.id }, query: { wait: 5 } },
    });
    assert.ok(data);
    if (!before.includes(data.status)) return data.status;
  }
  return assert.fail(`the order stayed ${before.join(" or ")}`);
}

async function invoiceNumber(client: OrderlyClient, id: string): Promise<string> {
  for (let attempt = 0; attempt < 100; ++attempt) {
    const { invoice } = await order(client, id);
    if (invoice !== null) return invoice;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail("no invoice");
}

test("a guest finds, buys and gets an invoice", async () => {
  const guest = createOrderlyClient({ baseUrl });
  const { data: products } = await guest.GET("/products", { params: { query: { limit: 2 } } });
  assert.equal(products?.data.length, 2);
  const product = products.data[0];
  assert.ok(product);
  assert.equal(product.currency, "USD");

  assert.equal(guest.cartId, undefined);
  const { data: cart } = await guest.POST("/cart", { body: { product_id: product.id, quantity: 2 } });
  assert.equal(cart?.items[0]?.product_id, product.id);
  assert.equal(cart.subtotal, 2 * product.price);
  assert.match(guest.cartId ?? "", /^guest_/);

  const { data: placed, response } = await guest.POST("/checkout", { body: { payment_method: "pm_card_visa" } });
  assert.ok(placed);
  assert.equal(response.status, 202);
  assert.equal(placed.status, "pending");
  assert.equal(placed.total, cart.total);

  assert.equal(await statusAfter(guest, placed, ["pending", "processing"]), "confirmed");
  const number = await invoiceNumber(guest, placed.id);
  const { data: invoice } = await guest.GET("/invoices/{number}", { params: { path: { number } } });
  assert.equal(invoice?.order_id, placed.id);
  assert.equal(invoice.total, placed.total);
  assert.equal(invoice.items[0]?.quantity, 2);

  const again = createOrderlyClient({ baseUrl, cartId: guest.cartId ?? "" });
  assert.equal((await order(again, placed.id)).invoice, number);
  const stranger = createOrderlyClient({ baseUrl });
  await stranger.GET("/cart");
  const foreign = await stranger.GET("/orders/{id}", { params: { path: { id: placed.id } } });
  assert.equal(foreign.error?.code, "not-found");
});

test("an API key says who calls, and what is refused is typed too", async () => {
  const owner = createOrderlyClient({ baseUrl, apiKey: ownersKey });
  const { data: key } = await owner.POST("/keys", {
    body: { name: "a till", role: "staff", scopes: ["orders:read"] },
  });
  assert.match(key?.key ?? "", /^ok_test_/);
  const till = createOrderlyClient({ baseUrl, apiKey: key?.key ?? "" });
  assert.equal((await till.GET("/orders")).response.status, 200);
  const { error } = await till.GET("/keys");
  assert.equal(error?.code, "forbidden");

  const { error: refused } = await owner.POST("/orders", { body: { item: "1", total: 0.01, pay_later: true } });
  assert.equal(refused?.code, "price-changed");
});

test("a request whose answer got lost is sent again and done once", async () => {
  const keys: (string | null)[] = [];
  const owner = createOrderlyClient({
    baseUrl,
    apiKey: ownersKey,
    fetch: async (request) => {
      keys.push(request.headers.get("Idempotency-Key"));
      const response = await fetch(request);
      if (keys.length === 1) throw new TypeError("lost");
      return response;
    },
  });
  const { data, response } = await owner.POST("/orders", { body: { client_id: "lost", item: "1", pay_later: true } });
  assert.equal(response.headers.get("Idempotent-Replayed"), "true");
  assert.equal(keys.length, 2);
  assert.ok(keys[0]);
  assert.equal(keys[0], keys[1]);
  const { data: orders } = await owner.GET("/orders", { params: { query: { client_id: "lost" } } });
  assert.deepEqual(orders?.data.map(({ id }) => id), [data?.id]);

  await assert.rejects(
    createOrderlyClient({ baseUrl, retries: 1, fetch: () => Promise.reject(new TypeError("down")) }).GET("/products"),
    /down/,
  );
});

// Compiled, never run: each line would be an error if it were allowed, and is one if it is not marked.
export function whatDoesNotCompile(client: OrderlyClient) {
  // @ts-expect-error there is no such path
  void client.GET("/product");
  // @ts-expect-error a quantity is a number
  void client.POST("/cart", { body: { product_id: "1", quantity: "2" } });
  // @ts-expect-error there is no such status
  void client.PUT("/orders/{id}", { params: { path: { id: "ord_1" } }, body: { status: "lost" } });
  // @ts-expect-error there is no such scope
  void client.POST("/keys", { body: { name: "a", role: "staff", scopes: ["orders:rule"] } });
  // @ts-expect-error an order is of items, or of one item
  void client.POST("/orders", { body: { client_id: "u1" } });
  // @ts-expect-error which order?
  void client.GET("/orders/{id}");
}
