#include "host/cli/config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "base/json_type.h"
#include "base/limits.h"

namespace orderly::cli {

namespace {

[[noreturn]] void refuse(std::string message) { throw ConfigError{std::move(message)}; }

std::int64_t parse_number(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) {
    refuse("must be a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return number;
}

bool parse_bool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  refuse("must be true or false");
}

Duration require_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) refuse("must be a time like 500ms, 3s, 30m or 2h");
  return *duration;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  std::istringstream stream{std::string(text)};
  while (std::getline(stream, line, ';')) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) lines.push_back(line.substr(first, line.find_last_not_of(' ') - first + 1));
  }
  return lines;
}

std::string require_url(std::string_view text) {
  try {
    https::parse_url(text);
  } catch (const Error&) {
    refuse("must be a URL such as http://127.0.0.1:8000");
  }
  return std::string(text);
}

server::TrustedProxies require_proxies(std::string_view text) {
  std::string separated(text);
  std::replace(separated.begin(), separated.end(), ',', ';');
  server::TrustedProxies proxies;
  for (const std::string& block : split_lines(separated)) {
    if (!proxies.add(block)) refuse("must be addresses or blocks of them, such as 127.0.0.1, 10.0.0.0/8, fd00::/8");
  }
  return proxies;
}

// Of what tables, queues and buckets may be called.
std::string require_prefix(std::string_view text) {
  const bool is_good = !text.empty() && text.size() <= 40 &&
                       text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
  if (!is_good) refuse("must be 1 to 40 of a-z, 0-9 and -");
  return std::string(text);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

// Of arn:<partition>:sns:<region>:<account>:<name>; nothing: it is none.
std::optional<std::string_view> region_of_topic(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sns") return std::nullopt;
  const bool is_account = parts[4].size() == 12 && parts[4].find_first_not_of("0123456789") == std::string_view::npos;
  if (parts[3].empty() || !is_account || parts[5].empty()) return std::nullopt;
  return parts[3];
}

std::string require_topic_arn(std::string_view text) {
  if (!text.empty() && !region_of_topic(text)) {
    refuse("must be a topic's ARN such as arn:aws:sns:eu-central-1:123456789012:orders");
  }
  return std::string(text);
}

std::optional<mail::Mailbox> require_sender(std::string_view text) {
  if (text.empty()) return std::nullopt;
  auto sender = mail::parse_mailbox(text);
  if (!sender) refuse("must be a mail address such as shop@example.com or Shop <shop@example.com>");
  return sender;
}

std::optional<mail::SmtpServer> require_smtp_server(std::string_view text) {
  if (text.empty()) return std::nullopt;
  try {
    return mail::parse_smtp_url(text);
  } catch (const Error&) {
    refuse("must be a mail server such as smtps://mail.example.com or smtp://mail.example.com:587");
  }
}

api::Rate rate_of(std::string_view text, double seconds_at_once) {
  const auto per_second = static_cast<double>(parse_number(text, 0, 1'000'000));
  return {per_second, per_second * seconds_at_once};
}

struct Setting {
  std::string_view name;
  std::string_view fallback;  // as shown
  std::string_view meaning;
  void (*set)(Config&, std::string_view);
};

constexpr Setting kSettings[] = {
    {"data", "data", "the data folder", [](Config& c, std::string_view t) { c.data = std::string(t); }},
    {"listen", "127.0.0.1:8080", "address and port", [](Config& c, std::string_view t) { c.listen = t; }},
    {"demo", "false", "the demo shop: payments and delivery in steps that a person can watch",
     [](Config& c, std::string_view t) { c.demo = parse_bool(t); }},
    {"keys.required", "false (true unless listen is a loopback address)",
     "callers need an API key, and the first start makes one; once there is a key it is so anyway",
     [](Config& c, std::string_view t) { c.keys_required = parse_bool(t); }},
    {"keys.requests_per_second", "1000", "of each API key, and twice as many at once; 0: no limit",
     [](Config& c, std::string_view t) { c.request_limits.of_key = rate_of(t, 2); }},
    {"guests.requests_per_second", "50",
     "of all guests and strangers of an address, and four times as many at once; 0: no limit",
     [](Config& c, std::string_view t) { c.request_limits.of_address = rate_of(t, 4); }},
    {"engine", "embedded", "where data lives: embedded (the data folder) or aws (DynamoDB, SQS and S3)",
     [](Config& c, std::string_view t) {
       if (t != "embedded" && t != "aws") refuse("must be embedded or aws");
       c.engine = t == "aws" ? EngineKind::kAws : EngineKind::kEmbedded;
     }},
    {"aws.region", "AWS_REGION, else us-east-1", "of all of them",
     [](Config& c, std::string_view t) { c.aws.region = t; }},
    {"aws.prefix", "orderly", "the table's name, and what the names of queues and bucket begin with",
     [](Config& c, std::string_view t) { c.aws.prefix = require_prefix(t); }},
    {"aws.bucket", "<prefix>-files", "for invoices and other files",
     [](Config& c, std::string_view t) { c.aws.bucket = t; }},
    {"aws.create", "false", "make table, queues and bucket where they are missing",
     [](Config& c, std::string_view t) { c.aws_create = parse_bool(t); }},
    {"aws.master_key", "master.key in the data folder",
     "the key that wraps the clients' keys, 64 hexadecimal digits: secretsmanager:NAME or ssm:/NAME",
     [](Config& c, std::string_view t) { c.aws_master_key = t; }},
    {"aws.secrets.url", "AWS's own", "of Secrets Manager and SSM",
     [](Config& c, std::string_view t) { c.aws.secrets_url = require_url(t); }},
    {"aws.dynamodb.url", "AWS's own", "of DynamoDB and its streams",
     [](Config& c, std::string_view t) { c.aws.dynamodb_url = c.aws.streams_url = require_url(t); }},
    {"aws.sqs.url", "AWS's own", "of SQS", [](Config& c, std::string_view t) { c.aws.sqs_url = require_url(t); }},
    {"aws.s3.url", "AWS's own", "of S3", [](Config& c, std::string_view t) { c.aws.s3_url = require_url(t); }},
    {"aws.sns.topic_arn", "SNS_TOPIC_ARN, else none", "the SNS topic that order events are published to",
     [](Config& c, std::string_view t) { c.aws.topic_arn = require_topic_arn(t); }},
    {"aws.sns.url", "AWS's own", "of SNS", [](Config& c, std::string_view t) { c.aws.sns_url = require_url(t); }},
    {"aws.ses.url", "AWS's own", "of SES", [](Config& c, std::string_view t) { c.aws.ses_url = require_url(t); }},
    {"mail.from", "none",
     "the sender of mails: Shop <shop@example.com>; with engine = aws an identity verified with SES",
     [](Config& c, std::string_view t) { c.mail.from = require_sender(t); }},
    {"mail.smtp", "none (aws: SES)",
     "the server that takes them: smtps://HOST (TLS), or smtp://HOST (STARTTLS; plain on this machine)",
     [](Config& c, std::string_view t) { c.mail.smtp = require_smtp_server(t); }},
    {"mail.user", "none", "of that server", [](Config& c, std::string_view t) { c.mail.user = t; }},
    {"mail.password", "none", "of that user; safest as a variable",
     [](Config& c, std::string_view t) { c.mail.password = t; }},
    {"mail.folder", "none", "where each mail becomes a file and none is sent, for trying things out",
     [](Config& c, std::string_view t) { c.mail.folder = std::string(t); }},
    {"log.level", "info", "debug, info, warning or error",
     [](Config& c, std::string_view t) {
       const auto level = server::parse_log_level(t);
       if (!level) refuse("must be debug, info, warning or error");
       c.log_level = *level;
     }},
    {"log.requests", "true", "one line for each request",
     [](Config& c, std::string_view t) { c.log_requests = parse_bool(t); }},
    {"log.format", "auto", "text, json, or auto: text on a terminal",
     [](Config& c, std::string_view t) {
       if (t != "text" && t != "json" && t != "auto") refuse("must be text, json or auto");
       c.log_format.reset();
       if (t != "auto") c.log_format = t == "text" ? server::LogFormat::kText : server::LogFormat::kJson;
     }},
    {"server.io_threads", "0", "0: one for each core",
     [](Config& c, std::string_view t) { c.io_threads = static_cast<std::size_t>(parse_number(t, 0, 256)); }},
    {"server.offload_threads", "2", "for PDFs and other long work",
     [](Config& c, std::string_view t) { c.offload_threads = static_cast<std::size_t>(parse_number(t, 1, 256)); }},
    {"server.trusted_proxies", "none",
     "addresses and blocks (10.0.0.0/8) of the proxies before it, whose X-Forwarded-For and X-Forwarded-Proto count; "
     "callers then need keys",
     [](Config& c, std::string_view t) { c.trusted_proxies = require_proxies(t); }},
    {"store.cache_mb", "64", "memory for reading",
     [](Config& c, std::string_view t) {
       c.cache_bytes = static_cast<std::size_t>(parse_number(t, 8, 1 << 20)) << 20;
     }},
    {"workers.enabled", "true", "whether this process handles messages",
     [](Config& c, std::string_view t) { c.run_workers = parse_bool(t); }},
    {"shop.currency", "USD", "of orders that name none",
     [](Config& c, std::string_view t) {
       const auto currency = Currency::parse(t);
       if (!currency) refuse("must be an ISO 4217 code such as USD");
       c.shop.currency = *currency;
     }},
    {"privacy.erasures", "(beside the data folder, DATA.erasures)",
     "the list of who was erased, which a restored backup is held against; keep it out of backups of the folder",
     [](Config& c, std::string_view t) { c.erasures_file = t; }},
    {"shop.url", "",
     "of the shop's pages: mails link to URL/verify#token=… and URL/reset#token=…; empty: they show codes",
     [](Config& c, std::string_view t) {
       c.shop.public_url = t.empty() ? "" : require_url(t);
       while (c.shop.public_url.ends_with('/')) c.shop.public_url.pop_back();
     }},
    {"shop.name", "Orderly Demo Shop", "the seller on invoices",
     [](Config& c, std::string_view t) { c.shop.seller.name = t; }},
    {"shop.address", "1 Market Square; 10115 Berlin; Germany",
     "the seller's lines on invoices, with semicolons between",
     [](Config& c, std::string_view t) { c.shop.seller.lines = split_lines(t); }},
    {"pricing.shipping_flat", "0 (demo: 9.99)", "shipping of an order, in major units",
     [](Config& c, std::string_view t) { c.shipping_flat = t; }},
    {"pricing.tax_basis_points", "0", "tax on top of prices: 1900 is 19 %",
     [](Config& c, std::string_view t) { c.shop.pricing.tax_basis_points = parse_number(t, 0, 10'000); }},
    {"pricing.rounding", "line", "of tax, half to even: line or order",
     [](Config& c, std::string_view t) {
       const auto rounding = json::parse_enum<domain::Rounding>(t);
       if (!rounding) refuse("must be line or order");
       c.shop.pricing.rounding = *rounding;
     }},
    {"orders.expire_after", "30m", "until an unpaid order is cancelled",
     [](Config& c, std::string_view t) {
       c.shop.expire_after = require_duration(t);
       if (c.shop.expire_after <= Duration{0} || c.shop.expire_after > limits::kExpireAfterMax) {
         refuse("must be more than nothing and at most 720h");
       }
     }},
    {"payments.default_method", "none (demo: pm_card_visa)", "of orders that name none",
     [](Config& c, std::string_view t) { c.shop.default_payment_method = t; }},
    {"payments.simulated.step", "0s (demo: 3s)", "how long each state of a simulated payment shows",
     [](Config& c, std::string_view t) { c.shop.payment_step = require_duration(t); }},
    {"payments.simulated.delay", "0s", "how long the simulated provider takes to answer",
     [](Config& c, std::string_view t) { c.simulated_delay = require_duration(t); }},
    {"fulfilment.deliver_after", "0s (demo: 3s)", "from confirmed to delivered; 0: by people",
     [](Config& c, std::string_view t) { c.shop.deliver_after = require_duration(t); }},
};

// Of an outside issuer: tokens.<name> of the first or only one, tokens.<number>.<name> of any.
struct IssuerSetting {
  std::string_view name;
  std::string_view fallback;
  std::string_view meaning;
  void (*set)(jwt::IssuerSettings&, std::string_view);
};

constexpr std::string_view kTokens = "tokens.";
constexpr int kIssuersMax = 9;

constexpr IssuerSetting kIssuerSettings[] = {
    {"issuer", "none", "the outside issuer whose tokens (JWT, RS256 or ES256) are good: their `iss`, to the letter",
     [](jwt::IssuerSettings& issuer, std::string_view t) { issuer.issuer = t; }},
    {"audience", "none", "whom its tokens must be for",
     [](jwt::IssuerSettings& issuer, std::string_view t) { issuer.audience = t; }},
    {"audience_claim", "aud", "where they say so; of Amazon Cognito's access tokens client_id",
     [](jwt::IssuerSettings& issuer, std::string_view t) { issuer.audience_claim = t; }},
    {"jwks_url", "none", "where the issuer's keys are, by https",
     [](jwt::IssuerSettings& issuer, std::string_view t) { issuer.jwks_url = require_url(t); }},
    {"roles_claim", "none",
     "where they name roles of ours (owner, staff, …), a claim or a JSON pointer; all others are clients",
     [](jwt::IssuerSettings& issuer, std::string_view t) { issuer.roles_claim = t; }},
};

// "tokens.2.issuer" → 2 and "issuer", "tokens.issuer" → 1 and "issuer"; nothing: no issuer's.
std::optional<std::pair<int, std::string_view>> split_issuer_name(std::string_view name) {
  if (!name.starts_with(kTokens)) return std::nullopt;
  name.remove_prefix(kTokens.size());
  const bool has_number = name.size() > 2 && name[0] >= '1' && name[0] <= '0' + kIssuersMax && name[1] == '.';
  if (!has_number) return std::pair(1, name);
  return std::pair(name[0] - '0', name.substr(2));
}

std::string issuer_setting_name(int number, std::string_view name) {
  return std::string(kTokens) + (number == 1 ? "" : std::to_string(number) + ".") + std::string(name);
}

const IssuerSetting* find_issuer_setting(std::string_view name) {
  for (const IssuerSetting& setting : kIssuerSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

// False: there is no such setting. Throws what the setting's own reading does.
bool set_by_name(Config& config, std::string_view name, std::string_view text) {
  if (const auto issuers = split_issuer_name(name)) {
    const IssuerSetting* setting = find_issuer_setting(issuers->second);
    if (setting != nullptr) setting->set(config.issuers[issuers->first], text);
    return setting != nullptr;
  }
  const Setting* setting = find_setting(name);
  if (setting != nullptr) setting->set(config, text);
  return setting != nullptr;
}

void apply(Config& config, std::string_view name, std::string_view text, std::string_view source) {
  const std::string prefix = std::string(source) + ": ";
  bool is_known = false;
  try {
    is_known = set_by_name(config, name, text);
  } catch (const ConfigError& error) {
    refuse(prefix + std::string(name) + " " + error.message);
  }
  if (!is_known) refuse(prefix + "there is no setting " + std::string(name) + "; see `orderly settings`");
}

std::string text_of(const toml::node& node, const std::string& name) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* list = node.as_array(); list != nullptr && (list->empty() || list->is_homogeneous<std::string>())) {
    std::string text;
    for (const toml::node& each : *list) text += (text.empty() ? "" : "; ") + each.as_string()->get();
    return text;
  }
  refuse("orderly.toml: " + name + " must be a string, a whole number, true or false, or a list of strings");
}

void apply_table(Config& config, const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      apply_table(config, *inner, name + ".");
    } else if (node.is_array_of_tables()) {  // [[tokens]], numbered from 1
      for (std::size_t i = 0; i < node.as_array()->size(); ++i) {
        apply_table(config, *node.as_array()->get_as<toml::table>(i), name + "." + std::to_string(i + 1) + ".");
      }
    } else {
      apply(config, name, text_of(node, name), "orderly.toml");
    }
  }
}

void apply_file(Config& config, const std::optional<std::filesystem::path>& wanted) {
  const std::filesystem::path path = wanted.value_or("orderly.toml");
  if (!wanted && !std::filesystem::exists(path)) return;
  try {
    apply_table(config, toml::parse_file(path.string()), "");
  } catch (const toml::parse_error& error) {
    refuse(path.string() + ": " + std::string(error.description()));
  }
}

// payments.simulated.step → ORDERLY_PAYMENTS_SIMULATED_STEP.
std::string variable_name(std::string_view name) {
  std::string variable = "ORDERLY_";
  for (const char c : name) variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return variable;
}

// Test programs of ours read these; they are no settings.
constexpr std::string_view kOtherVariables[] = {
    "ORDERLY_TEST_DYNAMODB_URL", "ORDERLY_TEST_SQS_URL",  "ORDERLY_TEST_S3_URL", "ORDERLY_TEST_AWS_URL",
    "ORDERLY_TEST_FAULTS_URL",   "ORDERLY_TEST_MAIL_URL", "ORDERLY_VECTORS",     "ORDERLY_SEED",
    "ORDERLY_POWER_LOSS_IMAGES"};

std::map<std::string, std::string> setting_names_by_variable() {
  std::map<std::string, std::string> names;
  for (const Setting& setting : kSettings) names.emplace(variable_name(setting.name), setting.name);
  for (const IssuerSetting& setting : kIssuerSettings) {
    names.emplace(variable_name(issuer_setting_name(1, setting.name)), issuer_setting_name(1, setting.name));
    for (int number = 1; number <= kIssuersMax; ++number) {
      const std::string name = std::string(kTokens) + std::to_string(number) + "." + std::string(setting.name);
      names.emplace(variable_name(name), name);
    }
  }
  return names;
}

void apply_environment(Config& config) {
  const std::map<std::string, std::string> names = setting_names_by_variable();
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    if (!variable.starts_with("ORDERLY_")) continue;
    const std::size_t equals = variable.find('=');
    const std::string name(variable.substr(0, equals));
    const bool is_other =
        std::find(std::begin(kOtherVariables), std::end(kOtherVariables), name) != std::end(kOtherVariables);
    if (is_other) continue;
    const auto known = names.find(name);
    if (known == names.end()) refuse("environment: there is no setting " + name + "; see `orderly settings`");
    apply(config, known->second, variable.substr(equals + 1), name);
  }
}

void check_topic(const Config& config) {
  if (config.aws.topic_arn.empty()) return;
  if (config.engine != EngineKind::kAws) {
    refuse("aws.sns.topic_arn: order events are published with engine = aws only");
  }
  const std::string region(region_of_topic(config.aws.topic_arn).value());
  if (region != config.aws.region) {
    refuse("aws.sns.topic_arn: the topic is in " + region + ", and aws.region is " + config.aws.region);
  }
}

void check_issuers(Config& config) {
  std::erase_if(config.issuers, [](const auto& each) {
    const jwt::IssuerSettings& issuer = each.second;
    return issuer.issuer.empty() && issuer.audience.empty() && issuer.jwks_url.empty();
  });
  std::set<std::string> names;
  for (const auto& [number, issuer] : config.issuers) {
    const auto name = [number](std::string_view setting) { return issuer_setting_name(number, setting); };
    if (issuer.issuer.empty() || issuer.audience.empty() || issuer.jwks_url.empty() || issuer.audience_claim.empty()) {
      refuse(name("issuer") + ", " + name("audience") + " and " + name("jwks_url") + " go together");
    }
    if (!names.insert(issuer.issuer).second) refuse(name("issuer") + " is another number's, too");
  }
}

void check_mail(const Config& config) {
  const MailSettings& mail = config.mail;
  if (mail.smtp && !mail.folder.empty()) refuse("mail.smtp and mail.folder: mails go to a server or into a folder");
  if (mail.smtp && !mail.from) refuse("mail.smtp needs mail.from, the sender of the mails");
  if (mail.user.empty() != mail.password.empty()) refuse("mail.user and mail.password go together");
  if (!mail.user.empty() && !mail.smtp) refuse("mail.user is one of mail.smtp, which is not set");
  const bool goes_nowhere = !mail.smtp && mail.folder.empty() && config.engine == EngineKind::kEmbedded;
  if (mail.from && goes_nowhere) refuse("mail.from needs mail.smtp or mail.folder, where mails go");
}

void finish(Config& config) {
  check_topic(config);
  check_mail(config);
  check_issuers(config);
  const auto shipping = parse_major_units(config.shipping_flat, config.shop.currency);
  if (!shipping || *shipping < 0 || *shipping > limits::kAmountMinorMax) {
    refuse("pricing.shipping_flat must be an amount of " + std::string(config.shop.currency.code()) + ", like 9.99");
  }
  config.shop.pricing.shipping_minor = *shipping;
}

// The demo's own defaults, which any source may still override.
void apply_demo(Config& config) {
  config.shipping_flat = "9.99";
  config.shop.default_payment_method = "pm_card_visa";
  config.shop.payment_step = std::chrono::seconds(3);
  config.shop.deliver_after = std::chrono::seconds(3);
}

std::string variable(const char* name) {
  const char* text = std::getenv(name);  // nothing of ours changes the environment
  return text == nullptr ? "" : text;
}

// What AWS's own tools read, under their names.
void apply_aws_environment(aws::AwsOptions& options) {
  for (const char* name : {"AWS_DEFAULT_REGION", "AWS_REGION"}) {
    if (const std::string region = variable(name); !region.empty()) options.region = region;
  }
  aws::CredentialsSettings& credentials = options.credentials;
  credentials.access_key_id = variable("AWS_ACCESS_KEY_ID");
  credentials.secret_access_key = variable("AWS_SECRET_ACCESS_KEY");
  credentials.session_token = variable("AWS_SESSION_TOKEN");
  credentials.container_relative_uri = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  credentials.container_full_uri = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  credentials.container_token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  credentials.container_token_file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  credentials.is_metadata_disabled = variable("AWS_EC2_METADATA_DISABLED") == "true";
  if (const std::string url = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"); !url.empty()) {
    credentials.metadata_endpoint = url;
  }
}

Config read(const ConfigSources& sources, Config config) {
  apply_aws_environment(config.aws);
  apply_file(config, sources.file);
  apply_environment(config);
  for (const auto& [name, text] : sources.overrides) apply(config, name, text, "command line");
  const bool has_topic = config.engine != EngineKind::kAws || !config.aws.topic_arn.empty();
  if (const std::string arn = variable("SNS_TOPIC_ARN"); !has_topic && !arn.empty()) {
    apply(config, "aws.sns.topic_arn", arn, "SNS_TOPIC_ARN");
  }
  return config;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > 1'000'000'000) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "ms") return Duration{number};
  if (unit == "s") return std::chrono::seconds(number);
  if (unit == "m") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  return std::nullopt;
}

std::string_view name_of(EngineKind kind) { return kind == EngineKind::kAws ? "aws" : "embedded"; }

Config load_config(const ConfigSources& sources) {
  Config config = read(sources, Config{});
  if (config.demo) {  // whether it is one may be said anywhere, so look first
    Config demo;
    apply_demo(demo);
    config = read(sources, std::move(demo));
  }
  finish(config);
  return config;
}

std::string describe_settings() {
  std::string text;
  const auto describe = [&text](const std::string& name, std::string_view meaning, std::string_view fallback) {
    text += name + "  (" + variable_name(name) + ")\n    " + std::string(meaning) +
            "; default: " + std::string(fallback) + "\n";
  };
  for (const Setting& setting : kSettings) describe(std::string(setting.name), setting.meaning, setting.fallback);
  for (const IssuerSetting& setting : kIssuerSettings) {
    describe(issuer_setting_name(1, setting.name), setting.meaning, setting.fallback);
  }
  const std::string second = issuer_setting_name(2, "issuer");
  text += "    of more issuers: " + second + " (" + variable_name(second) + ") and so on, up to " +
          std::to_string(kIssuersMax) + "; in orderly.toml, [[tokens]] for each\n";
  return text;
}

}  // namespace orderly::cli
