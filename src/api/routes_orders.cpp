// Orders, checkout and payments.
#include <charconv>

#include "api/api.h"
#include "api/handlers.h"
#include "api/operation_bodies.h"
#include "app/order_commands.h"
#include "app/order_queries.h"
#include "app/place_order.h"

namespace orderly::api::handlers {

Task<Response> post_order(Api& api, Context& context) {
  co_return to_response(
      co_await app::place_order(api.app(), context.caller, body_of<app::PlaceOrder>(context), context.repeat_key));
}

Task<Response> post_checkout(Api& api, Context& context) {
  co_return to_response(
      co_await app::checkout(api.app(), context.caller, body_of<app::Checkout>(context), context.repeat_key));
}

Task<Response> get_orders(Api& api, Context& context) {
  auto query = query_of<OrdersQuery>(context);
  app::OrderFilter filter;
  filter.status = query.status;
  filter.client_id = std::move(query.client_id);
  if (query.from) filter.from = query.from->begin;
  if (query.to) filter.to = query.to->end();
  auto list = co_await app::list_orders(api.app(), context.caller, std::move(filter), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_order(Api& api, Context& context) {
  const auto query = query_of<MomentQuery>(context);
  co_return json_response(
      200, json::write(co_await app::get_order(api.app(), context.caller, context.parameter("id"), query.at)));
}

// The two parts may come in either order, as in the code of the seed that asks for this route.
Task<Response> get_order_status(Api& api, Context& context) {
  const std::chrono::seconds wait(query_of<WaitQuery>(context).wait.value_or(0));
  std::string client = context.parameter("client");
  std::string order = context.parameter("order");
  if (OrderId::parse(client) && !OrderId::parse(order)) std::swap(client, order);
  co_return json_response(200,
                          json::write(co_await app::get_order_status(api.app(), context.caller, order, client, wait)));
}

namespace {

constexpr Duration kStreamPoll{200};
constexpr Duration kStreamSilenceMax = std::chrono::seconds(15);  // then a comment, so that nobody takes it for dead
constexpr Duration kStreamLife = std::chrono::minutes(10);        // then the client comes again with Last-Event-ID

// An order's events as they happen (HTML Living Standard, "Server-sent events").
class EventStream {
 public:
  EventStream(app::App& app, app::Caller caller, std::string order_id, std::int64_t after_version)
      : app_(app), caller_(std::move(caller)), order_id_(std::move(order_id)), version_(after_version) {}

  Task<std::optional<std::string>> next() {
    const Time begun = app_.clock.now();
    if (!ends_at_) ends_at_ = begun + kStreamLife;
    while (app_.clock.now() < *ends_at_ && !app_.is_stopping) {
      std::string text;
      for (const std::string& document : co_await app::list_order_events(app_, caller_, order_id_, version_)) {
        const auto event = json::read_stored<domain::OrderEvent>(document);
        version_ = event.version;
        text += "id: " + std::to_string(version_) + "\nevent: " + event.type + "\ndata: " + document + "\n\n";
      }
      if (!text.empty()) co_return text;
      if (app_.clock.now() - begun >= kStreamSilenceMax) co_return ":\n\n";
      co_await app_.clock.sleep(kStreamPoll);
    }
    co_return std::nullopt;
  }

 private:
  app::App& app_;
  app::Caller caller_;
  std::string order_id_;
  std::int64_t version_;
  std::optional<Time> ends_at_;
};

Response event_stream(Api& api, const Context& context) {
  std::int64_t after_version = 0;
  if (const auto last = context.request.header("last-event-id")) {
    const auto [end, error] = std::from_chars(last->data(), last->data() + last->size(), after_version);
    if (error != std::errc{} || end != last->data() + last->size() || after_version < 0) after_version = 0;
  }
  const auto stream = std::make_shared<EventStream>(api.app(), context.caller, context.parameter("id"), after_version);
  Response response;
  response.headers = {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}};
  response.stream = [stream] { return stream->next(); };
  return response;
}

}  // namespace

// A list, or for a client that accepts text/event-stream a stream of what is there and what is to come.
Task<Response> get_order_events(Api& api, Context& context) {
  const auto documents = co_await app::list_order_events(api.app(), context.caller, context.parameter("id"));
  if (context.request.header("accept").value_or("").find("text/event-stream") != std::string_view::npos) {
    co_return event_stream(api, context);
  }
  std::string body = "{\"data\":[";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i > 0) body += ',';
    body += documents[i];
  }
  co_return json_response(200, body + "],\"next_cursor\":null}");
}

Task<Response> put_order(Api& api, Context& context) {
  co_return to_response(co_await app::update_order(api.app(), context.caller, context.parameter("id"),
                                                   body_of<app::UpdateOrder>(context), context.repeat_key));
}

Task<Response> post_cancel(Api& api, Context& context) {
  co_return to_response(co_await app::cancel_order(api.app(), context.caller, context.parameter("id"),
                                                   body_of<app::CancelOrder>(context), context.repeat_key));
}

Task<Response> post_refund(Api& api, Context& context) {
  co_return to_response(co_await app::refund_order(api.app(), context.caller, context.parameter("id"),
                                                   body_of<app::RefundOrder>(context), context.repeat_key));
}

Task<Response> post_ship(Api& api, Context& context) {
  body_of<Nothing>(context);
  co_return to_response(
      co_await app::ship_order(api.app(), context.caller, context.parameter("id"), context.repeat_key));
}

Task<Response> post_deliver(Api& api, Context& context) {
  body_of<Nothing>(context);
  co_return to_response(
      co_await app::deliver_order(api.app(), context.caller, context.parameter("id"), context.repeat_key));
}

Task<Response> post_payment(Api& api, Context& context) {
  co_return to_response(
      co_await app::start_payment(api.app(), context.caller, body_of<app::StartPayment>(context), context.repeat_key));
}

Task<Response> post_payments(Api& api, Context& context) {
  co_return to_response(co_await app::report_payment(api.app(), context.caller, body_of<app::ReportPayment>(context),
                                                     context.repeat_key));
}

Task<Response> get_transactions(Api& api, Context& context) {
  auto query = query_of<TransactionsQuery>(context);
  app::TransactionFilter filter;
  filter.order_id = std::move(query.order_id);
  filter.client_id = std::move(query.client_id);
  if (query.status) filter.status = std::move(query.status->text);
  if (query.from) filter.from = query.from->begin;
  if (query.to) filter.to = query.to->end();
  auto list =
      co_await app::list_transactions(api.app(), context.caller, std::move(filter), page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_transaction(Api& api, Context& context) {
  co_return json_response(
      200, json::write(co_await app::get_transaction(api.app(), context.caller, context.parameter("id"))));
}

}  // namespace orderly::api::handlers
