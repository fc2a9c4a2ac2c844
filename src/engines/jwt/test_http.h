// For this room's tests, beside engines/https/test_http.h: a clock that only the test moves, a monitor that remembers,
// and the tokens of testdata.
#pragma once

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engines/https/client.h"
#include "engines/https/test_http.h"
#include "engines/jwt/verification.h"
#include "ports/clock.h"
#include "ports/monitor.h"

namespace orderly::jwt::testing {

using https::test::run;
using https::test::ScriptedHttp;
using https::test::yield;

// Sleepers only let others run. Thread-safe.
class StandingClock final : public ports::Clock {
 public:
  explicit StandingClock(Time start) : now_ms_(start.ms) {}

  Time now() const override { return {now_ms_}; }
  Task<void> sleep(Duration) override { co_await yield(); }

  void advance(Duration duration) { now_ms_ += duration.count(); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

// Thread-safe.
class RecordingMonitor final : public ports::Monitor {
 public:
  void payment_outcome(std::string_view) override {}
  void alarm(std::string_view slug, std::string_view concerns, std::string_view detail) override {
    const std::scoped_lock lock(mutex_);
    alarms_.push_back(std::string(slug) + " " + std::string(concerns) + " " + std::string(detail));
  }

  std::vector<std::string> alarms() const {
    const std::scoped_lock lock(mutex_);
    return alarms_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> alarms_;
};

// Nothing when `work` ends well.
template <class Work>
std::optional<Error> failure_of(Work work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

// A file of testdata; the tests run in the repository's root.
inline boost::json::object read_cases(const std::string& name) {
  std::ifstream file("src/engines/jwt/testdata/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return boost::json::parse(text).as_object();
}

inline std::string string_of(const boost::json::value& value) { return std::string(value.as_string()); }

// What make_tokens.py wrote.
class Tokens {
 public:
  Tokens() : file_(read_cases("tokens.json")) {}

  Time now() const { return {file_.at("now_s").as_int64() * 1000}; }
  std::string issuer() const { return string_of(file_.at("issuer")); }
  const boost::json::array& cases() const { return file_.at("cases").as_array(); }
  std::size_t count() const { return static_cast<std::size_t>(file_.at("count").as_int64()); }

  std::string token(const std::string& name) const {
    for (const boost::json::value& each : cases()) {
      if (string_of(each.at("name")) == name) return string_of(each.at("token"));
    }
    throw std::runtime_error("no token " + name);
  }

  IssuerSettings settings(const std::string& name = "plain") const {
    const boost::json::value& found = file_.at("settings").at(name);
    return {.issuer = issuer(),
            .audience = string_of(file_.at("audience")),
            .audience_claim = string_of(found.at("audience_claim")),
            .jwks_url = "https://id.example/keys?tenant=1",
            .roles_claim = string_of(found.at("roles_claim"))};
  }

  // All keys, or those with one of the kids.
  std::string key_set() const { return boost::json::serialize(file_.at("key_set")); }
  std::string key_set(const std::set<std::string>& kids) const {
    boost::json::array chosen;
    for (const boost::json::value& each : file_.at("key_set").at("keys").as_array()) {
      if (kids.contains(string_of(each.at("kid")))) chosen.push_back(each);
    }
    return boost::json::serialize(boost::json::object{{"keys", chosen}});
  }

  // Whom the case's token speaks for; nothing when it is a bad one.
  std::optional<Identity> identity(const boost::json::value& each) const {
    const boost::json::value* differs = each.as_object().if_contains("identity");
    if (differs == nullptr) return std::nullopt;
    boost::json::object said = file_.at("identity").as_object();
    for (const auto& [name, value] : differs->as_object()) said[name] = value;
    Identity identity{.issuer = issuer(),
                      .subject = string_of(said.at("subject")),
                      .expires_at = {said.at("expires_at_ms").as_int64()},
                      .email = std::nullopt,
                      .roles = {}};
    if (said.at("email").is_string()) identity.email = string_of(said.at("email"));
    for (const boost::json::value& role : said.at("roles").as_array()) identity.roles.push_back(string_of(role));
    return identity;
  }

 private:
  boost::json::object file_;
};

}  // namespace orderly::jwt::testing
