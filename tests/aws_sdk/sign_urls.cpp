// Prints a signed URL as the shop makes it, for somebody else's client to use:
//   sign_urls <S3's URL> <bucket> <signed s ago> <valid for s> upload <name> <content type> <bytes>
//   sign_urls <S3's URL> <bucket> <signed s ago> <valid for s> download <name> [<file name>]
// as {"method": "PUT", "url": "http://…", "headers": {"Content-Type": "image/png"}}. Credentials and region come from
// the environment, under AWS's own names. Signing asks nobody: there is no client to ask with.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "engines/aws/credentials.h"
#include "engines/aws/s3_blobs.h"
#include "engines/aws/service.h"

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace orderly;  // NOLINT(google-build-using-namespace)

class NobodyToAsk final : public https::Http {
 public:
  Task<https::Response> send(https::Request) override { throw std::logic_error("signing has sent a request"); }
};

class ClockOfThen final : public ports::Clock {
 public:
  explicit ClockOfThen(std::chrono::seconds ago) : ago_(ago) {}

  Time now() const override {
    const auto then = std::chrono::system_clock::now() - ago_;
    return Time{std::chrono::floor<std::chrono::milliseconds>(then.time_since_epoch()).count()};
  }
  Task<void> sleep(Duration) override { throw std::logic_error("signing has waited"); }

 private:
  std::chrono::seconds ago_;
};

class DeviceRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device_());
  }

 private:
  std::random_device device_;
};

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return text;
}

template <class Result>
Result wait_for(Task<Result> task) {
  asio::io_context context;
  auto result = asio::co_spawn(context, std::move(task), asio::use_future);
  context.run();
  return result.get();
}

Task<aws::SignedTransfer> sign(aws::S3Blobs& blobs, Duration valid_for, std::vector<std::string> wish) {
  if (wish.size() == 4 && wish[0] == "upload") {
    return blobs.sign_upload(wish[1], wish[2], std::stoull(wish[3]), valid_for);
  }
  if ((wish.size() == 2 || wish.size() == 3) && wish[0] == "download") {
    return blobs.sign_download(wish[1], valid_for, wish.size() == 3 ? wish[2] : std::string());
  }
  throw std::invalid_argument("neither upload <name> <content type> <bytes> nor download <name> [<file name>]");
}

std::string to_json(const aws::SignedTransfer& transfer) {
  json::object headers;
  for (const auto& [name, value] : transfer.headers) headers[name] = value;
  return json::serialize(json::object{{"method", transfer.method}, {"url", transfer.url}, {"headers", headers}});
}

std::string run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 4) throw std::invalid_argument("arguments are missing");
  NobodyToAsk http;
  ClockOfThen clock(std::chrono::seconds(std::stol(arguments[2])));
  DeviceRandom random;
  aws::CredentialsSettings settings;
  settings.access_key_id = variable("AWS_ACCESS_KEY_ID");
  settings.secret_access_key = variable("AWS_SECRET_ACCESS_KEY");
  const auto credentials = aws::make_credentials_source(settings, http, clock);
  aws::Context context{http, *credentials, clock, random};
  aws::Service service(context, arguments[0], {variable("AWS_REGION"), "s3", aws::PathRule::kAsItIs});
  aws::S3Blobs blobs(service, arguments[1], aws::BucketPlace::kPath);
  const auto valid_for = std::chrono::seconds(std::stol(arguments[3]));
  return to_json(wait_for(sign(blobs, valid_for, {arguments.begin() + 4, arguments.end()})));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    std::cout << run({arguments + 1, arguments + count}) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "sign_urls: " << error.what() << "\n";
    return 1;
  }
}
