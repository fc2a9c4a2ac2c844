// A client of Orderly's API. Paths, bodies and answers are typed by schema.d.ts, which is made from the program's own
// OpenAPI document.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { paths } from "./schema.js";

export type * from "./schema.js";

export interface OrderlyClientOptions {
  /** Where the shop is: "https://shop.example". */
  baseUrl: string;
  /** An API key, or a token of the shop's issuer. Without one the client is a guest. */
  apiKey?: string;
  /** A guest's token, from an earlier client's `cartId`. */
  cartId?: string;
  /** How often a request that got no answer is sent again, under the same Idempotency-Key. */
  retries?: number;
  /** Sends requests; the platform's own when absent. */
  fetch?: (request: Request) => Promise<Response>;
}

export type OrderlyClient = Client<paths> & {
  /** The guest's token: the one that was given, or the one that the shop gave. */
  readonly cartId: string | undefined;
};

const CHANGING_METHODS = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const RETRIES = 2;

export function createOrderlyClient(options: OrderlyClientOptions): OrderlyClient {
  const { baseUrl, apiKey, retries = RETRIES, fetch: send = (request: Request) => globalThis.fetch(request) } = options;
  let cartId = options.cartId;

  const authorization: Middleware = {
    onRequest({ request }) {
      if (apiKey !== undefined && !request.headers.has("Authorization")) {
        request.headers.set("Authorization", `Bearer ${apiKey}`);
      }
      return request;
    },
  };

  // A guest is known by the token that the first look into the cart brings.
  const cart: Middleware = {
    onRequest({ request }) {
      if (cartId !== undefined && !request.headers.has("Cart-Id")) request.headers.set("Cart-Id", cartId);
      return request;
    },
    onResponse({ response }) {
      cartId = response.headers.get("Cart-Id") ?? cartId;
    },
  };

  // One key for each call, so that sending it again does nothing twice. A caller who may call again after a crash gives
  // one that it remembers.
  const idempotency: Middleware = {
    onRequest({ request }) {
      if (CHANGING_METHODS.has(request.method) && !request.headers.has("Idempotency-Key")) {
        request.headers.set("Idempotency-Key", newKey());
      }
      return request;
    },
  };

  const client = createClient<paths>({ baseUrl, fetch: (request) => sendUntilAnswered(request, send, retries) });
  client.use(authorization, cart, idempotency);
  return Object.defineProperty(client, "cartId", { get: () => cartId }) as OrderlyClient;
}

// Need not be secret, only never the same. Node.js 18 has no global crypto, and pages without TLS have no randomUUID.
function newKey(): string {
  const parts = [Date.now(), ...[1, 2, 3].map(() => Math.floor(Math.random() * Number.MAX_SAFE_INTEGER))];
  return globalThis.crypto?.randomUUID?.() ?? parts.map((part) => part.toString(36)).join("-");
}

// Throws what the last attempt threw.
async function sendUntilAnswered(
  request: Request,
  send: (request: Request) => Promise<Response>,
  retries: number,
): Promise<Response> {
  for (let attempt = 0; attempt < retries; ++attempt) {
    try {
      return await send(request.clone());
    } catch (failure) {
      if (request.signal.aborted) throw failure;
    }
  }
  return await send(request);
}
