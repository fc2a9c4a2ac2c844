#include "engines/aws/credentials.h"

#include <mutex>
#include <utility>

#include "base/error.h"
#include "engines/aws/credentials_endpoint.h"

namespace orderly::aws {
namespace {

constexpr std::chrono::minutes kRenewedBeforeExpiry{5};
// Between two tries to renew what is still valid, so that requests do not wait for a failing endpoint one after
// another.
constexpr std::chrono::seconds kRenewalPause{30};
constexpr Duration kLook{10};  // between two looks at whether somebody else's fetch is over

class FixedCredentials final : public CredentialsSource {
 public:
  explicit FixedCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  Task<Credentials> get() override { co_return credentials_; }
  void forget(const Credentials&) override {}

 private:
  const Credentials credentials_;
};

class FetchedCredentials final : public CredentialsSource {
 public:
  FetchedCredentials(std::unique_ptr<CredentialsEndpoint> endpoint, ports::Clock& clock)
      : endpoint_(std::move(endpoint)), clock_(clock) {}

  Task<Credentials> get() override;
  void forget(const Credentials& refused) override;

 private:
  // One question to the endpoint, which several callers may wait for. Guarded by mutex_.
  struct Fetch {
    bool is_over = false;
    std::optional<Error> failure;
  };
  // Ends the fetch even when the coroutine that makes it is destroyed with its executor: others then take over.
  class Turn;
  struct Choice {
    std::optional<Credentials> credentials = {};  // good for the caller
    std::shared_ptr<Fetch> fetch = {};            // otherwise: to make, or to wait for
    bool is_mine = false;
  };

  Choice choose();
  Task<void> make(std::shared_ptr<Fetch> fetch);
  Task<void> wait(std::shared_ptr<Fetch> fetch);
  void keep(Credentials fetched);
  bool is_valid() const;  // the ones at hand
  bool are_due() const;

  const std::unique_ptr<CredentialsEndpoint> endpoint_;
  ports::Clock& clock_;

  std::mutex mutex_;  // never held while a coroutine waits
  std::optional<Credentials> held_;
  Time next_renewal_;
  std::shared_ptr<Fetch> fetch_;  // under way
};

class FetchedCredentials::Turn {
 public:
  Turn(FetchedCredentials& source, std::shared_ptr<Fetch> fetch) : source_(source), fetch_(std::move(fetch)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    const std::scoped_lock lock(source_.mutex_);
    source_.next_renewal_ = source_.clock_.now() + kRenewalPause;
    fetch_->is_over = true;
    source_.fetch_.reset();
  }

  void fail(const Error& error) {
    const std::scoped_lock lock(source_.mutex_);
    fetch_->failure = error;
  }

 private:
  FetchedCredentials& source_;
  const std::shared_ptr<Fetch> fetch_;
};

bool FetchedCredentials::is_valid() const { return held_ && (!held_->expires_at || clock_.now() < *held_->expires_at); }

bool FetchedCredentials::are_due() const {
  const Time now = clock_.now();
  return held_->expires_at && now + kRenewedBeforeExpiry >= *held_->expires_at && now >= next_renewal_;
}

FetchedCredentials::Choice FetchedCredentials::choose() {
  const std::scoped_lock lock(mutex_);
  if (is_valid() && (fetch_ || !are_due())) return {.credentials = held_};
  if (fetch_) return {.fetch = fetch_};
  fetch_ = std::make_shared<Fetch>();
  return {.fetch = fetch_, .is_mine = true};
}

Task<Credentials> FetchedCredentials::get() {
  while (true) {
    Choice choice = choose();
    if (choice.credentials) co_return *std::move(choice.credentials);
    if (choice.is_mine) {
      co_await make(choice.fetch);
    } else {
      co_await wait(choice.fetch);
    }
    const std::scoped_lock lock(mutex_);
    if (is_valid()) co_return *held_;
    if (choice.fetch->failure) throw Error(*choice.fetch->failure);
  }
}

Task<void> FetchedCredentials::make(std::shared_ptr<Fetch> fetch) {
  Turn turn(*this, std::move(fetch));
  try {
    keep(co_await endpoint_->fetch());
  } catch (const Error& error) {
    const bool is_known = error.slug() == "no-credentials" || error.slug() == "stopping";
    turn.fail(is_known ? error
                       : Error(ErrorCode::kUnavailable, "no-credentials", "The service is not available.",
                               error.slug() + ": " + error.detail()));
  }
}

Task<void> FetchedCredentials::wait(std::shared_ptr<Fetch> fetch) {
  while (true) {
    co_await clock_.sleep(kLook);
    const std::scoped_lock lock(mutex_);
    if (fetch->is_over) co_return;
  }
}

void FetchedCredentials::keep(Credentials fetched) {
  if (fetched.expires_at && *fetched.expires_at <= clock_.now())
    throw_no_credentials("those that were fetched have expired already");
  const std::scoped_lock lock(mutex_);
  held_ = std::move(fetched);
}

void FetchedCredentials::forget(const Credentials& refused) {
  const std::scoped_lock lock(mutex_);
  if (held_ == refused) held_.reset();
}

}  // namespace

std::unique_ptr<CredentialsSource> make_credentials_source(CredentialsSettings settings, https::Http& http,
                                                           ports::Clock& clock) {
  if (!settings.access_key_id.empty() && !settings.secret_access_key.empty())
    return std::make_unique<FixedCredentials>(Credentials{.access_key_id = std::move(settings.access_key_id),
                                                          .secret_access_key = std::move(settings.secret_access_key),
                                                          .session_token = std::move(settings.session_token),
                                                          .expires_at = std::nullopt});
  return std::make_unique<FetchedCredentials>(make_credentials_endpoint(std::move(settings), http, clock), clock);
}

}  // namespace orderly::aws
