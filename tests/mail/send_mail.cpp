// Sends one mail as standard input says, in JSON, and prints what came of it:
//
//   {"url": "smtp://127.0.0.1:25", "starttls": true, "user", "password", "root_file", "timeout_ms"}, or {"folder"};
//   with "from", "to", "subject", "text", "html"
//
//   {"id": "…"} or {"slug": "notice-refused", "message": "…", "detail": "…"}
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "engines/mail/notifier.h"
#include "host/server/system_clock.h"
#include "host/server/system_random.h"

namespace orderly {
namespace {

class AtOnce final : public ports::Offload {
 public:
  Task<void> run(std::function<void()> work) override {
    work();
    co_return;
  }
};

std::string text_at(const boost::json::object& wish, std::string_view name) {
  const boost::json::value* value = wish.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

mail::SmtpOptions options_of(const boost::json::object& wish) {
  mail::SmtpOptions options;
  options.server = mail::parse_smtp_url(text_at(wish, "url"));
  if (wish.contains("starttls")) options.server.security = mail::Security::kStartTls;  // on this machine too
  options.user = text_at(wish, "user");
  options.password = text_at(wish, "password");
  options.root_file = text_at(wish, "root_file");
  if (wish.contains("timeout_ms")) options.timeout = Duration{wish.at("timeout_ms").as_int64()};
  return options;
}

std::string send(const boost::json::object& wish) {
  const server::SystemClock clock;
  server::SystemRandom random;
  AtOnce offload;
  const mail::NotifierParts parts{clock, random, offload};
  const auto from = mail::parse_mailbox(text_at(wish, "from"));
  const auto notifier = wish.contains("folder")
                            ? mail::make_folder_notifier(from.value(), text_at(wish, "folder"), parts)
                            : mail::make_smtp_notifier(from.value(), options_of(wish), parts, {});
  ports::Mail mail{text_at(wish, "to"), text_at(wish, "subject"), text_at(wish, "text"), text_at(wish, "html")};
  boost::asio::io_context context;
  auto id = boost::asio::co_spawn(context, notifier->send_mail(std::move(mail)), boost::asio::use_future);
  context.run();
  return id.get();
}

}  // namespace
}  // namespace orderly

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string wish(std::istreambuf_iterator<char>(std::cin), {});
  boost::json::object answer;
  try {
    answer["id"] = orderly::send(boost::json::parse(wish).as_object());
  } catch (const orderly::Error& error) {
    answer = {{"slug", error.slug()}, {"message", error.message()}, {"detail", error.detail()}};
  }
  std::cout << boost::json::serialize(answer) << '\n';
  return 0;
}
