#include "engines/jwt/key_source.h"

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <utility>

#include "base/error.h"

namespace orderly::jwt {
namespace {

constexpr std::chrono::minutes kKept{10};
constexpr std::chrono::hours kKeptWhileFailing{24};
constexpr std::chrono::seconds kPause{30};  // between two fetches
constexpr std::chrono::minutes kAlarmPause{10};
constexpr Duration kLook{10};  // between two looks at whether somebody else's fetch is over
constexpr Duration kConnectTimeout{2'000};
constexpr Duration kTimeout{5'000};  // callers wait for it

bool is_this_machine(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return host == "localhost" || (!error && address.is_loopback());
}

https::Url parse_trusted_url(const std::string& text) {
  https::Url url = https::parse_url(text);
  if (!url.endpoint.tls && !is_this_machine(url.endpoint.host))
    throw Error(ErrorCode::kInternal, "malformed-url", "An address is not a usable URL.",
                "keys are fetched by https, or by http from this machine");
  return url;
}

}  // namespace

class KeySource::Turn {
 public:
  Turn(KeySource& source, std::shared_ptr<Fetch> fetch) : source_(source), fetch_(std::move(fetch)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    const std::scoped_lock lock(source_.mutex_);
    const bool is_over = fetch_->state == Fetch::State::kOver;
    if (!is_over) fetch_->state = Fetch::State::kAbandoned;
    if (is_over || source_.held_) source_.next_fetch_ = source_.clock_.now() + kPause;
    source_.fetch_.reset();
  }

  void succeed(std::shared_ptr<const KeySet> keys) {
    const std::scoped_lock lock(source_.mutex_);
    source_.held_ = std::move(keys);
    source_.fetched_at_ = source_.clock_.now();
    fetch_->state = Fetch::State::kOver;
  }

  void fail(const Error& error) {
    const std::string failure = error.slug() + ": " + error.detail();
    bool is_alarming = false;
    {
      const std::scoped_lock lock(source_.mutex_);
      source_.failure_ = failure;
      fetch_->state = Fetch::State::kOver;
      is_alarming = source_.alarm_is_due();
    }
    if (is_alarming) source_.monitor_.alarm("issuer-unavailable", source_.url_.endpoint.host, failure);
  }

 private:
  KeySource& source_;
  const std::shared_ptr<Fetch> fetch_;
};

KeySource::KeySource(const std::string& url, https::Http& http, ports::Clock& clock, ports::Monitor& monitor)
    : url_(parse_trusted_url(url)), http_(http), clock_(clock), monitor_(monitor) {}

bool KeySource::alarm_is_due() {
  if (clock_.now() < next_alarm_) return false;
  next_alarm_ = clock_.now() + kAlarmPause;
  return true;
}

bool KeySource::are_younger_than(Duration age) const { return held_ && clock_.now() < fetched_at_ + age; }

std::shared_ptr<const KeySet> KeySource::take() {
  if (!are_younger_than(kKeptWhileFailing)) throw_issuer_unavailable(failure_);
  return held_;
}

KeySource::Choice KeySource::choose(const std::string& kid) {
  const std::scoped_lock lock(mutex_);
  const bool is_known = are_younger_than(kKeptWhileFailing) && held_->find(kid) != nullptr;
  if (is_known && (fetch_ || are_younger_than(kKept))) return {.keys = held_};
  if (fetch_) return {.fetch = fetch_};
  if (clock_.now() < next_fetch_) return {.keys = take()};
  fetch_ = std::make_shared<Fetch>();
  return {.fetch = fetch_, .is_mine = true};
}

Task<std::shared_ptr<const KeySet>> KeySource::keys_for(std::string kid) {
  while (true) {
    const Choice choice = choose(kid);
    if (choice.keys) co_return choice.keys;
    if (choice.is_mine) {
      co_await make(choice.fetch);
    } else {
      co_await wait(choice.fetch);
    }
    const std::scoped_lock lock(mutex_);
    if (choice.fetch->state == Fetch::State::kOver) co_return take();
  }
}

Task<void> KeySource::make(std::shared_ptr<Fetch> fetch) {
  Turn turn(*this, std::move(fetch));
  try {
    turn.succeed(co_await fetch_keys());
  } catch (const Error& error) {
    turn.fail(error);
  }
}

Task<void> KeySource::wait(std::shared_ptr<Fetch> fetch) {
  while (true) {
    co_await clock_.sleep(kLook);
    const std::scoped_lock lock(mutex_);
    if (fetch->state != Fetch::State::kUnderWay) co_return;
  }
}

Task<std::shared_ptr<const KeySet>> KeySource::fetch_keys() {
  https::Request request;
  request.endpoint = url_.endpoint;
  request.target = url_.target;
  request.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  request.connect_timeout = kConnectTimeout;
  request.first_byte_timeout = kTimeout;
  request.timeout = kTimeout;
  request.body_bytes_max = kKeySetBytesMax;
  request.safe_to_repeat = true;
  const https::Response response = co_await http_.send(std::move(request));
  // A redirect too: keys come from the place that was configured or not at all.
  if (response.status != 200) throw_issuer_unavailable("it answered " + std::to_string(response.status));
  co_return std::make_shared<const KeySet>(KeySet::parse(response.body));
}

}  // namespace orderly::jwt
