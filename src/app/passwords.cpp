#include "app/passwords.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

namespace orderly::app {

namespace {

// A place among those under way; gives it back at the end.
class UnderWay {
 public:
  explicit UnderWay(std::atomic<int>& count) : count_(count) {
    if (++count_ <= limits::kPasswordsUnderWayMax) return;
    --count_;
    throw Error(ErrorCode::kUnavailable, "overloaded", "Too many are signing in at once; try again.");
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() { --count_; }

 private:
  std::atomic<int>& count_;
};

ports::PasswordSalt make_salt(App& app) {
  ports::PasswordSalt salt;
  app.random.fill(salt);
  return salt;
}

}  // namespace

Task<std::string> hash_password(App& app, std::string password) {
  const UnderWay under_way(app.passwords_under_way);
  const ports::PasswordSalt salt = make_salt(app);
  std::string hash;
  co_await app.offload.run([&] { hash = app.crypto.hash_password(password, salt); });
  co_return hash;
}

Task<PasswordVerdict> verify_password(App& app, std::optional<std::string> hash, std::string password) {
  const UnderWay under_way(app.passwords_under_way);
  const ports::PasswordSalt salt = make_salt(app);
  PasswordVerdict verdict;
  co_await app.offload.run([&] {
    if (!hash || password.size() > limits::kPasswordBytesMax) {
      app.crypto.hash_password(password.substr(0, limits::kPasswordBytesMax), salt);
      return;
    }
    verdict.is_right = app.crypto.verify_password(*hash, password);
    verdict.is_outdated = app.crypto.needs_rehash(*hash);
  });
  co_return verdict;
}

void require_good_password(const std::string& password, std::string pointer) {
  if (utf8_length(password) < limits::kPasswordCharactersMin) {
    throw_invalid(std::move(pointer),
                  "must have at least " + std::to_string(limits::kPasswordCharactersMin) + " characters");
  }
  if (password.size() > limits::kPasswordBytesMax) throw_invalid(std::move(pointer), "is too long");
}

}  // namespace orderly::app
