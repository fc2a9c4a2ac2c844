#include "engines/aws/credentials_endpoint.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace orderly::aws {
namespace {

constexpr std::string_view kEcsEndpoint = "http://169.254.170.2";
constexpr std::array<std::string_view, 3> kContainerHosts = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
constexpr std::string_view kMetadataTokenPath = "/latest/api/token";
constexpr std::string_view kMetadataRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kMetadataTokenSeconds = "21600";
constexpr std::size_t kBodyBytesMax = std::size_t{64} << 10;
constexpr int kTriesMax = 3;
constexpr Duration kPause{100};  // before the second try, twice as long before each one after it

https::Request make_request(std::string method, const std::string& url, Duration connect_timeout, Duration timeout) {
  https::Url parsed = https::parse_url(url);
  https::Request request;
  request.method = std::move(method);
  request.endpoint = std::move(parsed.endpoint);
  request.target = std::move(parsed.target);
  request.connect_timeout = connect_timeout;
  request.first_byte_timeout = timeout;
  request.timeout = timeout;
  request.body_bytes_max = kBodyBytesMax;
  request.safe_to_repeat = true;
  return request;
}

// Any answer below 500 but "too many requests"; the endpoints ask to be tried again after the others.
Task<https::Response> send(https::Http& http, ports::Clock& clock, https::Request request) {
  for (int tries = 1;; ++tries) {
    https::Response response = co_await http.send(request);
    const bool is_passing = response.status >= 500 || response.status == 429;
    if (!is_passing || tries == kTriesMax) co_return response;
    co_await clock.sleep(kPause * (1 << (tries - 1)));
  }
}

void require_ok(const https::Response& response, std::string_view what) {
  if (response.status != 200) throw_no_credentials(std::string(what) + " answered " + std::to_string(response.status));
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, and "Code" where it is not a success.
Credentials read_credentials(const https::Response& response, std::string_view what) {
  require_ok(response, what);
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(response.body, error);
  const boost::json::object* object = error ? nullptr : document.if_object();
  if (object == nullptr) throw_no_credentials(std::string(what) + " answered with something that is no JSON object");
  const std::string code = text_of(*object, "Code");
  if (!code.empty() && code != "Success") throw_no_credentials(std::string(what) + " answered that it has none");

  Credentials credentials{.access_key_id = text_of(*object, "AccessKeyId"),
                          .secret_access_key = text_of(*object, "SecretAccessKey"),
                          .session_token = text_of(*object, "Token"),
                          .expires_at = parse_time(text_of(*object, "Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    throw_no_credentials(std::string(what) + " answered without a key");
  return credentials;
}

// Plain HTTP would show the token and the keys to whoever is on the way.
bool may_be_asked(const https::Endpoint& endpoint) {
  if (endpoint.tls || endpoint.host == "localhost") return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  if (error) return false;
  return address.is_loopback() || std::ranges::any_of(kContainerHosts, [&](std::string_view host) {
           return address == boost::asio::ip::make_address(host);
         });
}

class ContainerEndpoint final : public CredentialsEndpoint {
 public:
  ContainerEndpoint(CredentialsSettings settings, https::Http& http, ports::Clock& clock)
      : settings_(std::move(settings)), http_(http), clock_(clock) {}

  Task<Credentials> fetch() override {
    https::Request request = make_request("GET", url(), Duration{2'000}, Duration{5'000});
    if (!may_be_asked(request.endpoint))
      throw_no_credentials("the container's endpoint is neither https nor one of ECS, EKS or this machine");
    const std::string token = read_token();
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    const https::Response response = co_await send(http_, clock_, std::move(request));
    co_return read_credentials(response, "the container's endpoint");
  }

 private:
  std::string url() const {
    if (settings_.container_relative_uri.empty()) return settings_.container_full_uri;
    return std::string(kEcsEndpoint) + settings_.container_relative_uri;
  }

  std::string read_token() const {
    std::string token = settings_.container_token;
    if (!settings_.container_token_file.empty()) {
      std::ifstream file(settings_.container_token_file, std::ios::binary);
      if (!file) throw_no_credentials("the file with the container's token cannot be read");
      token.assign(std::istreambuf_iterator<char>(file), {});
    }
    if (token.find_first_of("\r\n") != std::string::npos)
      throw_no_credentials("the container's token has a line end, which no header may");
    return token;
  }

  const CredentialsSettings settings_;
  https::Http& http_;
  ports::Clock& clock_;
};

// IMDSv2: a token first, so that nobody can make a proxy ask for the keys.
class MetadataEndpoint final : public CredentialsEndpoint {
 public:
  MetadataEndpoint(std::string url, https::Http& http, ports::Clock& clock)
      : url_(std::move(url)), http_(http), clock_(clock) {
    while (url_.ends_with('/')) url_.pop_back();
  }

  Task<Credentials> fetch() override {
    https::Request for_token = make("PUT", kMetadataTokenPath);
    for_token.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", kMetadataTokenSeconds);
    const https::Response token = co_await send(http_, clock_, std::move(for_token));
    require_ok(token, "the instance's metadata service, asked for a token,");

    const https::Response roles = co_await get(std::string(kMetadataRolePath), token.body);
    if (roles.status == 404) throw_no_credentials("the instance has no role");
    require_ok(roles, "the instance's metadata service, asked for the role,");
    const std::string role = roles.body.substr(0, roles.body.find_first_of("\r\n"));
    if (role.empty()) throw_no_credentials("the instance has no role");

    const https::Response keys = co_await get(std::string(kMetadataRolePath) + role, token.body);
    co_return read_credentials(keys, "the instance's metadata service");
  }

 private:
  // Off EC2 nobody answers at the address; a start must not wait long to learn it.
  https::Request make(std::string method, std::string_view path) const {
    return make_request(std::move(method), url_ + std::string(path), Duration{1'000}, Duration{2'000});
  }

  Task<https::Response> get(std::string path, std::string token) const {
    https::Request request = make("GET", path);
    request.headers.emplace_back("X-aws-ec2-metadata-token", std::move(token));
    return send(http_, clock_, std::move(request));
  }

  std::string url_;
  https::Http& http_;
  ports::Clock& clock_;
};

class NoEndpoint final : public CredentialsEndpoint {
 public:
  Task<Credentials> fetch() override {
    throw_no_credentials("neither the environment nor a container has them, and the metadata service is disabled");
    co_return Credentials();
  }
};

}  // namespace

void throw_no_credentials(std::string detail) {
  throw Error(ErrorCode::kUnavailable, "no-credentials", "The service is not available.", std::move(detail));
}

std::unique_ptr<CredentialsEndpoint> make_credentials_endpoint(CredentialsSettings settings, https::Http& http,
                                                               ports::Clock& clock) {
  if (!settings.container_relative_uri.empty() || !settings.container_full_uri.empty())
    return std::make_unique<ContainerEndpoint>(std::move(settings), http, clock);
  if (settings.is_metadata_disabled) return std::make_unique<NoEndpoint>();
  return std::make_unique<MetadataEndpoint>(std::move(settings.metadata_endpoint), http, clock);
}

}  // namespace orderly::aws
