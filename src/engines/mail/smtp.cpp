#include "engines/mail/smtp.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "base/error.h"
#include "engines/https/tls_context.h"
#include "engines/mail/smtp_dialogue.h"

namespace orderly::mail {
namespace {

// After a stop: long enough for an answer that is under way, so that the mail isn't sent again at the next start.
constexpr Duration kGrace{3'000};

struct Release {
  void operator()(CURL* call) const { curl_easy_cleanup(call); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void require(bool done) {
  if (!done) throw Error(ErrorCode::kInternal, "internal", "Something went wrong.", "libcurl does not start");
}

void require_curl() {
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  require(is_ready);
}

template <class Value>
void set(CURL* call, CURLoption option, Value value) {
  require(curl_easy_setopt(call, option, value) == CURLE_OK);
}

class SmtpCall {
 public:
  SmtpCall(const std::string& text, const ports::Clock& clock, const std::stop_token& stop)
      : rest_(text), clock_(clock), stop_(stop) {
    require_curl();
    call_.reset(curl_easy_init());
    require(call_ != nullptr);
  }
  SmtpCall(const SmtpCall&) = delete;
  SmtpCall& operator=(const SmtpCall&) = delete;

  void set_server(const SmtpOptions& options) {
    const SmtpServer& server = options.server;
    const bool is_tls = server.security == Security::kTls;
    const bool is_ipv6 = server.host.find(':') != std::string::npos;
    const std::string url = fmt::format("{}://{}:{}", is_tls ? "smtps" : "smtp",
                                        is_ipv6 ? '[' + server.host + ']' : server.host, server.port);
    CURL* const call = call_.get();
    set(call, CURLOPT_URL, url.c_str());
    set(call, CURLOPT_PROTOCOLS_STR, is_tls ? "smtps" : "smtp");
    set(call, CURLOPT_PROXY, "");  // whatever the environment says
    set(call, CURLOPT_USE_SSL,
        static_cast<long>(server.security == Security::kPlain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(call, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(call, CURLOPT_SSL_VERIFYPEER, 1L);
    set(call, CURLOPT_SSL_VERIFYHOST, 2L);
    set(call, CURLOPT_CAPATH, nullptr);
    const std::string roots = options.root_file.empty() ? https::system_root_file() : options.root_file;
    set(call, CURLOPT_CAINFO, roots.empty() ? nullptr : roots.c_str());
    if (options.user.empty()) return;
    set(call, CURLOPT_USERNAME, options.user.c_str());
    set(call, CURLOPT_PASSWORD, options.password.c_str());
  }

  void set_envelope(const std::string& from, const std::string& to) {
    recipients_.reset(curl_slist_append(nullptr, to.c_str()));
    require(recipients_ != nullptr);
    set(call_.get(), CURLOPT_MAIL_FROM, from.c_str());
    set(call_.get(), CURLOPT_MAIL_RCPT, recipients_.get());
  }

  void set_timeouts(Duration connecting, Duration all) {
    set(call_.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(connecting, all).count()));
    set(call_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(all.count()));
    set(call_.get(), CURLOPT_NOSIGNAL, 1L);
    set(call_.get(), CURLOPT_QUICK_EXIT, 1L);  // does not wait for the name's resolution once time is over
  }

  CURLcode run() {
    CURL* const call = call_.get();
    set(call, CURLOPT_UPLOAD, 1L);
    set(call, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(rest_.size()));
    set(call, CURLOPT_READFUNCTION, &SmtpCall::read);
    set(call, CURLOPT_READDATA, this);
    set(call, CURLOPT_NOPROGRESS, 0L);
    set(call, CURLOPT_XFERINFOFUNCTION, &SmtpCall::look_at_stop);
    set(call, CURLOPT_XFERINFODATA, this);
    set(call, CURLOPT_VERBOSE, 1L);  // to the function below and nowhere else
    set(call, CURLOPT_DEBUGFUNCTION, &SmtpCall::overhear);
    set(call, CURLOPT_DEBUGDATA, this);
    return curl_easy_perform(call);
  }

  const SmtpDialogue& dialogue() const { return dialogue_; }

 private:
  static std::size_t read(char* into, std::size_t size, std::size_t count, void* self) {
    std::string_view& rest = static_cast<SmtpCall*>(self)->rest_;
    const std::size_t length = std::min(size * count, rest.size());
    std::memcpy(into, rest.data(), length);
    rest.remove_prefix(length);
    return length;
  }

  // About once a second, and at every step; not 0 ends the call.
  static int look_at_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& call = *static_cast<SmtpCall*>(self);
    if (!call.stop_.stop_requested()) return 0;
    if (!call.stopping_since_) call.stopping_since_ = call.clock_.now();
    return call.clock_.now() - *call.stopping_since_ < kGrace ? 0 : 1;
  }

  static int overhear(CURL*, curl_infotype type, char* text, std::size_t length, void* self) {
    auto& dialogue = static_cast<SmtpCall*>(self)->dialogue_;
    if (type == CURLINFO_HEADER_OUT) dialogue.sent({text, length});
    if (type == CURLINFO_HEADER_IN) dialogue.received({text, length});
    return 0;
  }

  std::string_view rest_;  // of the message
  const ports::Clock& clock_;
  const std::stop_token& stop_;
  std::optional<Time> stopping_since_;
  SmtpDialogue dialogue_;
  std::unique_ptr<curl_slist, Release> recipients_;
  std::unique_ptr<CURL, Release> call_;  // goes first: it may still speak to what is above
};

}  // namespace

void send_by_smtp(const SmtpOptions& options, const std::string& sender, const Message& message, Duration timeout,
                  const ports::Clock& clock, const std::stop_token& stop) {
  SmtpCall call(message.text, clock, stop);
  call.set_server(options);
  call.set_envelope(sender, message.to);
  call.set_timeouts(options.connect_timeout, timeout);
  const CURLcode result = call.run();
  if (result == CURLE_OK) return;
  if (call.dialogue().is_final_refusal()) throw_refused(call.dialogue().last());
  const std::string said = call.dialogue().last();
  throw_unavailable(std::string(curl_easy_strerror(result)) + (said.empty() ? "" : ", " + said));
}

}  // namespace orderly::mail
