// The commands that look into a data folder or change it: seed, check, compact, events, order show, queue, key. They
// run in the process that holds the folder: in the server, asked over its Unix socket, or in the command itself when no
// server does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "app/api_keys.h"
#include "app/catalog.h"
#include "host/cli/node.h"

namespace orderly::cli {

struct AdminRequest {
  std::string command;  // "seed", "check", "compact", "events-rebuild", "order-show", "queue-list", "queue-show",
                        // "queue-redrive", "key-create", …
  std::vector<std::string> arguments{};
  bool json = false;
  std::vector<app::PutProduct> products{};  // of seed
  std::optional<app::CreateApiKey> key{};   // of key-create
  std::string id{};                         // of the request on the socket; not sent
};
BOOST_DESCRIBE_STRUCT(AdminRequest, (), (command, arguments, json, products, key))

struct AdminAnswer {
  std::int64_t exit_code = 0;
  std::string output;  // for standard output; of a failure, for standard error
};
BOOST_DESCRIBE_STRUCT(AdminAnswer, (), (exit_code, output))

// What events call the machine itself as the place that something came from.
inline constexpr std::string_view kLocalSource = "local";

// Exit codes: 0 done; 1 an invariant is broken, or the thing asked for is not there; 2 the call was wrong; 3 it could
// not be done now.
Task<AdminAnswer> run_admin(Node& node, AdminRequest request);

// POST /admin on the Unix socket.
Task<api::Response> handle_admin(Node& node, api::Request request);

// Asks the server that holds the folder. Nothing when there is none.
std::optional<AdminAnswer> ask_server(const std::filesystem::path& socket, const AdminRequest& request);

// By the server that holds the folder, else in this process.
AdminAnswer run_or_ask(const Config& config, server::Log& log, const AdminRequest& request);

}  // namespace orderly::cli
