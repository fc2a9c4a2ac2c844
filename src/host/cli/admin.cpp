#include "host/cli/admin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/access.h"
#include "api/problem.h"
#include "app/check.h"
#include "app/order_queries.h"
#include "app/rebuild.h"
#include "base/json.h"
#include "base/limits.h"

namespace orderly::cli {

namespace {

constexpr std::size_t kDeadLettersShown = 100;

app::Caller operator_caller(const AdminRequest& request) {
  return {app::Role::kOwner, {}, {}, "operator", {}, std::string(kLocalSource), request.id};
}

AdminAnswer usage(std::string_view message) { return {2, fmt::format("orderly: {}\n", message)}; }

Task<AdminAnswer> seed(Node& node, const AdminRequest& request) {
  for (const app::PutProduct& product : request.products) {
    co_await app::put_product(node.app(), operator_caller(request), product);
  }
  co_return AdminAnswer{0, fmt::format("{} products are in the shop.\n", request.products.size())};
}

// A report of app/check.h or app/rebuild.h over all that is stored.
template <class Report>
Task<AdminAnswer> examine(Node& node, const AdminRequest& request,
                          Report (*look)(ports::Inspection&, const ports::Crypto&, Time)) {
  std::optional<Report> report;
  co_await node.app().offload.run([&] {
    const auto inspection = node.home().inspectable().inspect();
    report = look(*inspection, node.app().crypto, node.app().clock.now());
  });
  co_return AdminAnswer{report->is_clean() ? 0 : 1, request.json ? to_json(*report) + "\n" : to_text(*report)};
}

Task<AdminAnswer> compact(Node& node) {
  bool has_files = false;
  co_await node.app().offload.run([&] { has_files = node.home().compact(); });
  co_return AdminAnswer{0, has_files ? "The files are rewritten.\n"
                                     : "There are no files to rewrite: this home's tables are AWS's to keep small.\n"};
}

std::string money(std::int64_t minor, Currency currency) {
  return format_major_units(minor, currency) + " " + std::string(currency.code());
}

std::string describe(const app::OrderView& order) {
  std::string text = fmt::format("{}  {}  {}\n", order.id.text, json::name_of(order.status), order.client_id);
  text += fmt::format("  placed   {}\n  changed  {} (version {})\n", format_time(order.created_at),
                      format_time(order.updated_at), order.version);
  for (const domain::OrderLine& line : order.items) {
    text += fmt::format("  {:>6} × {:<40} {:>16}\n", line.quantity, line.name, money(line.amount, order.currency));
  }
  for (const domain::PriceComponent& part : order.price) {
    text += fmt::format("           {:<40} {:>16}\n", part.rule, money(part.amount, order.currency));
  }
  text += fmt::format("           {:<40} {:>16}\n", "total", money(order.total, order.currency));
  for (const app::TransactionView& each : order.transactions) {
    text += fmt::format("  {} {} {} {} {} {}\n", each.id.text, each.type, each.status,
                        money(each.amount, order.currency), each.method, each.reason);
  }
  text += fmt::format("  invoice  {}\n", order.invoice.value_or("none yet"));
  return text;
}

Task<AdminAnswer> show_order(Node& node, const AdminRequest& request) {
  if (request.arguments.size() != 1) co_return usage("order show takes one order id");
  const app::OrderView order = co_await app::get_order(node.app(), operator_caller(request), request.arguments.front());
  if (request.json) co_return AdminAnswer{0, json::write(order) + "\n"};
  std::string text = describe(order);
  const auto events = co_await app::list_order_events(node.app(), operator_caller(request), order.id.text);
  for (const std::string& document : events) {
    const auto event = json::read_stored<domain::OrderEvent>(document);
    text += fmt::format("  {:>4} {} {:<22} by {}", event.version, format_time(event.at), event.type, event.actor);
    if (!event.source.empty()) text += " from " + event.source;
    if (!event.request.empty()) text += ", " + event.request;
    text += '\n';
  }
  co_return AdminAnswer{0, std::move(text)};
}

struct QueueLine {
  std::string queue;
  std::int64_t messages = 0;
  std::int64_t delayed = 0;
  std::int64_t dead = 0;
  std::optional<Time> oldest_due;
};
BOOST_DESCRIBE_STRUCT(QueueLine, (), (queue, messages, delayed, dead, oldest_due))

Task<AdminAnswer> list_queues(Node& node, const AdminRequest& request) {
  std::vector<QueueLine> lines;
  std::string text =
      fmt::format("{:<12} {:>10} {:>10} {:>6}  {}\n", "queue", "messages", "delayed", "dead", "oldest due");
  for (const ports::QueueName queue : ports::kAllQueues) {
    const ports::QueueDepth depth = co_await node.app().queue.depth(queue);
    lines.push_back({std::string(ports::name_of(queue)), static_cast<std::int64_t>(depth.messages),
                     static_cast<std::int64_t>(depth.delayed), static_cast<std::int64_t>(depth.dead),
                     depth.oldest_due});
    text += fmt::format("{:<12} {:>10} {:>10} {:>6}  {}\n", ports::name_of(queue), depth.messages, depth.delayed,
                        depth.dead, depth.oldest_due ? format_time(*depth.oldest_due) : "-");
  }
  co_return AdminAnswer{0, request.json ? json::write(lines) + "\n" : text};
}

Task<AdminAnswer> show_queue(Node& node, const AdminRequest& request) {
  const auto queue = request.arguments.size() == 1 ? ports::parse_queue_name(request.arguments[0]) : std::nullopt;
  if (!queue) co_return usage("queue show takes the name of a queue; see `orderly queue list`");
  const auto letters = co_await node.app().queue.dead_letters(*queue, kDeadLettersShown);
  std::string text = letters.empty() ? "No dead letters.\n" : "";
  for (const ports::DeadLetter& letter : letters) {
    text += fmt::format("{}  died {}  after {} deliveries: {}\n    {}\n", letter.message_id,
                        format_time(letter.died_at), letter.attempts, letter.reason, letter.body);
  }
  co_return AdminAnswer{0, std::move(text)};
}

Task<AdminAnswer> redrive_queue(Node& node, const AdminRequest& request) {
  const auto queue = request.arguments.empty() ? std::nullopt : ports::parse_queue_name(request.arguments[0]);
  if (!queue || request.arguments.size() > 2)
    co_return usage("queue redrive takes the name of a queue, and perhaps a message id; see `orderly queue list`");
  std::optional<std::string> message;
  if (request.arguments.size() == 2) message = request.arguments[1];
  const std::size_t count = co_await node.app().queue.redrive(*queue, message);
  co_return AdminAnswer{count > 0 || !message ? 0 : 1, fmt::format("{} messages are in their queue again.\n", count)};
}

std::string describe(const app::ApiKeyView& key) {
  std::string text = fmt::format("{}  {:<8}  {:<8}  {}  {}\n", key.id.text, json::name_of(key.role),
                                 json::name_of(key.status), format_time(key.created_at), key.name);
  if (key.client_id) text += fmt::format("  of {}\n", *key.client_id);
  if (!key.scopes.empty()) text += fmt::format("  for {}\n", fmt::join(key.scopes, ", "));
  if (key.expires_at) text += fmt::format("  until {}\n", format_time(*key.expires_at));
  if (key.key) text += fmt::format("\n  {}\n\nKeep it: it is not shown again.\n", *key.key);
  return text;
}

AdminAnswer show_key(const AdminRequest& request, const app::Answer& answer) {
  return {0, request.json ? answer.body + "\n" : describe(json::read_stored<app::ApiKeyView>(answer.body))};
}

Task<AdminAnswer> create_key(Node& node, const AdminRequest& request) {
  if (!request.key) co_return usage("key create takes a key");
  api::require_scopes(request.key->scopes);
  co_return show_key(request, co_await app::create_api_key(node.app(), operator_caller(request), *request.key, {}));
}

Task<AdminAnswer> list_keys(Node& node, const AdminRequest& request) {
  std::vector<app::ApiKeyView> keys;
  app::PageOf page;
  page.limit = limits::kPageRowsMax;
  do {
    app::List<app::ApiKeyView> some = co_await app::list_api_keys(node.app(), page);
    for (app::ApiKeyView& key : some.data) keys.push_back(std::move(key));
    page.cursor = some.next_cursor.value_or("");
  } while (!page.cursor.empty());
  if (request.json) co_return AdminAnswer{0, json::write(keys) + "\n"};
  std::string text =
      keys.empty() ? "No keys: whoever can reach the shop is trusted, and only loopback is served.\n" : "";
  for (const app::ApiKeyView& key : keys) text += describe(key);
  co_return AdminAnswer{0, std::move(text)};
}

Task<AdminAnswer> change_key(Node& node, const AdminRequest& request) {
  if (request.arguments.size() != 1) co_return usage("this takes one key's id");
  const std::string& id = request.arguments.front();
  if (request.command == "key-revoke") {
    co_return show_key(request, co_await app::revoke_api_key(node.app(), operator_caller(request), id, {}));
  }
  co_return show_key(request, co_await app::rotate_api_key(node.app(), operator_caller(request), id, {}, {}));
}

Task<AdminAnswer> dispatch(Node& node, const AdminRequest& request) {
  if (request.command == "seed") return seed(node, request);
  if (request.command == "check") return examine(node, request, app::check);
  if (request.command == "compact") return compact(node);
  if (request.command == "events-rebuild") return examine(node, request, app::rebuild);
  if (request.command == "order-show") return show_order(node, request);
  if (request.command == "queue-list") return list_queues(node, request);
  if (request.command == "queue-show") return show_queue(node, request);
  if (request.command == "queue-redrive") return redrive_queue(node, request);
  if (request.command == "key-create") return create_key(node, request);
  if (request.command == "key-list") return list_keys(node, request);
  if (request.command == "key-rotate" || request.command == "key-revoke") return change_key(node, request);
  throw_invalid("/command", "is not known");
}

int exit_code_of(const Error& error) {
  switch (api::status_of(error.code())) {
    case 400: return 2;
    case 404: return 1;
    default: return 3;
  }
}

}  // namespace

Task<AdminAnswer> run_admin(Node& node, AdminRequest request) {
  std::optional<AdminAnswer> failed;
  try {
    co_return co_await dispatch(node, request);
  } catch (const Error& error) {
    std::string text = "orderly: " + error.message();
    for (const Problem& each : error.problems()) text += "\n  " + each.pointer + " " + each.message;
    failed = AdminAnswer{exit_code_of(error), text + "\n"};
  }
  co_return *std::move(failed);
}

Task<api::Response> handle_admin(Node& node, api::Request request) {
  std::optional<api::Response> failed;
  try {
    auto asked = json::read<AdminRequest>(request.body);
    asked.id = request.id;
    const AdminAnswer answer = co_await run_admin(node, std::move(asked));
    api::Response response;
    response.headers.emplace_back("content-type", api::kJsonType);
    response.body = json::write(answer);
    response.route = "/admin";
    co_return response;
  } catch (const Error& error) {
    failed = api::problem(error);
  }
  co_return *std::move(failed);
}

}  // namespace orderly::cli
