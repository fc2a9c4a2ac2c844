// The program: reads the command line and hands over.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "base/error.h"
#include "base/json.h"
#include "host/cli/admin.h"
#include "host/cli/config.h"
#include "host/cli/product_file.h"
#include "host/cli/serve.h"
#include "host/cli/version.h"

namespace {

using orderly::cli::AdminAnswer;
using orderly::cli::AdminRequest;
using orderly::cli::Config;
using orderly::cli::ConfigError;
using orderly::cli::ConfigSources;

struct KeyArguments {
  std::string name;
  std::string role = "staff";
  std::string client_id;
  std::vector<std::string> scopes;
  std::string expires_after;  // "720h"
};

// What the options of one command line came to.
struct Arguments {
  std::string config_file;
  std::string data;
  std::string engine;
  std::string listen;
  bool demo = false;
  bool require_keys = false;
  bool json = false;
  std::vector<std::string> settings;  // "name=value"
  std::string product_file;
  std::vector<std::string> rest;
  KeyArguments key;
};

Config config_of(const Arguments& arguments) {
  ConfigSources sources;
  if (!arguments.config_file.empty()) sources.file = arguments.config_file;
  if (!arguments.data.empty()) sources.overrides.emplace_back("data", arguments.data);
  if (!arguments.engine.empty()) sources.overrides.emplace_back("engine", arguments.engine);
  if (!arguments.listen.empty()) sources.overrides.emplace_back("listen", arguments.listen);
  if (arguments.demo) sources.overrides.emplace_back("demo", "true");
  if (arguments.require_keys) sources.overrides.emplace_back("keys.required", "true");
  for (const std::string& setting : arguments.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) throw ConfigError{"--set takes name=value, not " + setting};
    sources.overrides.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return load_config(sources);
}

void add_common(CLI::App& command, Arguments& arguments) {
  command.add_option("--data", arguments.data, "The data folder (default: data)")->option_text("DIR");
  command.add_option("--engine", arguments.engine, "Where data lives: embedded (default) or aws")
      ->option_text("ENGINE");
  command.add_option("--config", arguments.config_file, "Settings (default: orderly.toml, if there is one)")
      ->option_text("FILE");
  command
      .add_option("--set", arguments.settings,
                  "One setting, e.g. --set fulfilment.deliver_after=3s; see `orderly settings`")
      ->option_text("NAME=VALUE");
}

int admin(const Arguments& arguments, AdminRequest request) {
  const Config config = config_of(arguments);
  orderly::server::SystemClock clock;
  orderly::server::LogSink sink(STDERR_FILENO);
  orderly::server::Log log(sink, orderly::server::log_format_for(STDERR_FILENO), orderly::server::LogLevel::kWarning,
                           clock);
  request.arguments = arguments.rest;
  request.json = arguments.json;
  const AdminAnswer answer = run_or_ask(config, log, request);
  std::FILE* out = answer.exit_code > 1 ? stderr : stdout;
  std::fwrite(answer.output.data(), 1, answer.output.size(), out);
  return static_cast<int>(answer.exit_code);
}

int seed(const Arguments& arguments) {
  const Config config = config_of(arguments);
  auto products = arguments.product_file.empty()
                      ? orderly::cli::demo_catalog()
                      : orderly::cli::read_product_file(arguments.product_file, config.shop.currency);
  return admin(arguments, {.command = "seed", .products = std::move(products)});
}

int create_key(const Arguments& arguments) {
  const KeyArguments& wanted = arguments.key;
  const auto role = orderly::json::parse_enum<orderly::app::Role>(wanted.role);
  if (!role) throw ConfigError{"--role must be owner, staff, approver, client or provider"};
  orderly::app::CreateApiKey key{wanted.name, *role, std::nullopt, wanted.scopes, std::nullopt};
  if (!wanted.client_id.empty()) key.client_id = wanted.client_id;
  if (!wanted.expires_after.empty()) {
    const auto duration = orderly::cli::parse_duration(wanted.expires_after);
    if (!duration) throw ConfigError{"--expires-after must be a duration such as 720h"};
    key.expires_at = orderly::server::SystemClock().now() + *duration;
  }
  return admin(arguments, {.command = "key-create", .key = std::move(key)});
}

void add_key_commands(CLI::App& program, Arguments& arguments, std::function<int()>& chosen) {
  CLI::App* command = program.add_subcommand("key", "Makes, lists, rotates and revokes API keys");
  command->require_subcommand(1);
  CLI::App* create =
      command->add_subcommand("create", "A new key, shown this once. The shop asks for keys from now on");
  add_common(*create, arguments);
  create->add_option("--name", arguments.key.name, "What it is for")->required()->option_text("TEXT");
  create->add_option("--role", arguments.key.role, "owner, staff (default), approver, client or provider")
      ->option_text("ROLE");
  create->add_option("--client-id", arguments.key.client_id, "Whose it is, with --role client")->option_text("ID");
  create->add_option("--scope", arguments.key.scopes, "All that it may do, e.g. orders:read (default: all of its role)")
      ->option_text("SCOPE");
  create->add_option("--expires-after", arguments.key.expires_after, "e.g. 720h (default: never)")
      ->option_text("DURATION");
  create->add_flag("--json", arguments.json, "As JSON");
  create->callback([&] { chosen = [&] { return create_key(arguments); }; });
  CLI::App* list = command->add_subcommand("list", "All keys; never their text");
  add_common(*list, arguments);
  list->add_flag("--json", arguments.json, "As JSON");
  list->callback([&] { chosen = [&] { return admin(arguments, {.command = "key-list"}); }; });
  for (const auto& [name, meaning] : {std::pair{"rotate", "A new text for the same key; the old one ends at once"},
                                      std::pair{"revoke", "Ends a key for good"}}) {
    CLI::App* change = command->add_subcommand(name, meaning);
    add_common(*change, arguments);
    change->add_option("ID", arguments.rest, "The key's id")->required()->expected(1);
    change->add_flag("--json", arguments.json, "As JSON");
    change->callback([&, request = std::string("key-") + name] {
      chosen = [&, request] { return admin(arguments, {.command = request}); };
    });
  }
}

int run(int argc, char** argv) {
  CLI::App program{"Orderly: takes an order, takes the money, ships, invoices, and loses nothing.", "orderly"};
  program.require_subcommand(1);
  Arguments arguments;
  std::function<int()> chosen;

  CLI::App* serve_command = program.add_subcommand("serve", "Serves the shop's API and runs its workers");
  add_common(*serve_command, arguments);
  serve_command->add_option("--listen", arguments.listen, "Address and port (default: 127.0.0.1:8080)")
      ->option_text("HOST:PORT");
  serve_command->add_flag("--demo", arguments.demo, "The demo shop: payments and delivery in steps of 3 seconds");
  serve_command->add_flag("--require-keys", arguments.require_keys,
                          "Callers need an API key, on loopback too; the first start makes one and shows it");
  serve_command->callback([&] { chosen = [&] { return orderly::cli::serve(config_of(arguments)); }; });

  CLI::App* seed_command = program.add_subcommand("seed", "Puts products into the shop: the demo catalog, or a file's");
  add_common(*seed_command, arguments);
  seed_command->add_option("--file", arguments.product_file, "Products as .json or .csv")->option_text("FILE");
  seed_command->callback([&] { chosen = [&] { return seed(arguments); }; });

  CLI::App* check_command = program.add_subcommand(
      "check", "Proves the books: ledger, stock, histories, invoices; exit 1 if anything is wrong");
  add_common(*check_command, arguments);
  check_command->add_flag("--json", arguments.json, "The report as JSON");
  check_command->callback([&] { chosen = [&] { return admin(arguments, {.command = "check"}); }; });

  CLI::App* compact_command = program.add_subcommand(
      "compact", "Rewrites the store's files, so that nothing is left in them of what was removed or erased");
  add_common(*compact_command, arguments);
  compact_command->callback([&] { chosen = [&] { return admin(arguments, {.command = "compact"}); }; });
  CLI::App* events_command = program.add_subcommand("events", "Looks at what happened");
  events_command->require_subcommand(1);
  CLI::App* events_rebuild = events_command->add_subcommand(
      "rebuild", "Makes every object again from its events and compares; exit 1 if any differs");
  add_common(*events_rebuild, arguments);
  events_rebuild->add_flag("--check")->description("Compare only, and write nothing: so far the only way")->required();
  events_rebuild->add_flag("--json", arguments.json, "The report as JSON");
  events_rebuild->callback([&] { chosen = [&] { return admin(arguments, {.command = "events-rebuild"}); }; });

  CLI::App* order_command = program.add_subcommand("order", "Looks at orders");
  order_command->require_subcommand(1);
  CLI::App* order_show = order_command->add_subcommand("show", "One order with its transactions and history");
  add_common(*order_show, arguments);
  order_show->add_option("ID", arguments.rest, "The order's id")->required()->expected(1);
  order_show->add_flag("--json", arguments.json, "The order as JSON");
  order_show->callback([&] { chosen = [&] { return admin(arguments, {.command = "order-show"}); }; });

  CLI::App* queue_command = program.add_subcommand("queue", "Looks at queues and dead letters");
  queue_command->require_subcommand(1);
  CLI::App* queue_list = queue_command->add_subcommand("list", "How full each queue is");
  add_common(*queue_list, arguments);
  queue_list->add_flag("--json", arguments.json, "As JSON");
  queue_list->callback([&] { chosen = [&] { return admin(arguments, {.command = "queue-list"}); }; });
  CLI::App* queue_show = queue_command->add_subcommand("show", "A queue's dead letters");
  add_common(*queue_show, arguments);
  queue_show->add_option("QUEUE", arguments.rest, "The queue's name")->required()->expected(1);
  queue_show->callback([&] { chosen = [&] { return admin(arguments, {.command = "queue-show"}); }; });
  CLI::App* queue_redrive = queue_command->add_subcommand("redrive", "Sends dead letters to their queue again");
  add_common(*queue_redrive, arguments);
  queue_redrive->add_option("QUEUE [MESSAGE]", arguments.rest, "The queue, and one message's id (default: all)")
      ->required()
      ->expected(1, 2);
  queue_redrive->callback([&] { chosen = [&] { return admin(arguments, {.command = "queue-redrive"}); }; });

  add_key_commands(program, arguments, chosen);

  program.add_subcommand("settings", "Lists every setting with its default and its variable")->callback([&] {
    chosen = [] {
      fmt::print("{}", orderly::cli::describe_settings());
      return 0;
    };
  });
  program.add_subcommand("version", "Prints the version")->callback([&] {
    chosen = [] {
      fmt::print("orderly {}\n", orderly::cli::kVersion);
      return 0;
    };
  });

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const ConfigError& error) {
    fmt::print(stderr, "orderly: {}\n", error.message);
    return 2;
  } catch (const orderly::Error& error) {
    fmt::print(stderr, "orderly: {}\n", error.message());
    for (const orderly::Problem& each : error.problems()) fmt::print(stderr, "  {} {}\n", each.pointer, each.message);
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "orderly: {}\n", error.what());
    return 3;
  }
}
