// The program's settings: from orderly.toml, then ORDERLY_* variables, then the command line, each overriding the one
// before. One table names them all (config.cpp); anything else is refused by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/rate_limiter.h"
#include "app/settings.h"
#include "engines/aws/engine.h"
#include "engines/jwt/verification.h"
#include "engines/mail/mailbox.h"
#include "engines/mail/smtp_server.h"
#include "host/server/log.h"
#include "host/server/trusted_proxies.h"

namespace orderly::cli {

enum class EngineKind { kEmbedded, kAws };
std::string_view name_of(EngineKind kind);  // "embedded", "aws"

// How people are mailed: by a server, into a folder, by SES on AWS, or not at all.
struct MailSettings {
  std::optional<mail::Mailbox> from;
  std::optional<mail::SmtpServer> smtp;
  std::string user;  // of that server; empty: it asks for none
  std::string password;
  std::filesystem::path folder;  // empty: none
};

struct Config {
  EngineKind engine = EngineKind::kEmbedded;
  std::filesystem::path data = "data";  // the data folder
  std::string listen = "127.0.0.1:8080";
  bool demo = false;
  server::TrustedProxies trusted_proxies;
  bool keys_required = false;  // callers need an API key; the first start makes one
  api::RequestLimits request_limits;
  std::map<int, jwt::IssuerSettings> issuers;  // whose tokens are good beside API keys, by the settings' numbers

  server::LogLevel log_level = server::LogLevel::kInfo;
  bool log_requests = true;
  std::optional<server::LogFormat> log_format;  // nothing: text on a terminal, else JSON

  std::string erasures_file;  // who was erased; empty: beside the data folder

  std::size_t io_threads = 0;  // 0: one for each core
  std::size_t offload_threads = 2;
  std::size_t cache_bytes = std::size_t{64} << 20;
  bool run_workers = true;
  std::string shipping_flat = "0";  // major units of the shop's currency, whatever that turns out to be
  Duration simulated_delay{0};

  aws::AwsOptions aws;         // without its parts: http, clock, random
  bool aws_create = false;     // table, queues and bucket are made where they are missing
  std::string aws_master_key;  // where it is kept; empty: in the data folder

  MailSettings mail;

  app::Settings shop;
};

// What was wrong with a setting, for the person who wrote it.
struct ConfigError {
  std::string message;
};

// Where settings come from besides the defaults. `overrides` are from the command line: (name, text).
struct ConfigSources {
  std::optional<std::filesystem::path> file;  // given: must be there; nothing: ./orderly.toml, if there is one
  std::vector<std::pair<std::string, std::string>> overrides;
};

// Throws ConfigError.
Config load_config(const ConfigSources& sources);

// Every setting with its default and meaning, for --help and the docs.
std::string describe_settings();

// "3s", "500ms", "30m", "2h"; nothing for anything else.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace orderly::cli
