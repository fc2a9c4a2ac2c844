#include "engines/mail/notifier.h"

#include <array>
#include <functional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engines/mail/folder.h"
#include "engines/mail/message.h"

namespace orderly::mail {
namespace {

constexpr std::size_t kTokenBytes = 16;

// Blocks until the message is delivered, or throws. `begun` is when it was asked for.
using Delivery = std::function<void(const Message& message, Time begun)>;

class MailNotifier final : public ports::Notifier {
 public:
  MailNotifier(Mailbox from, NotifierParts parts, Delivery deliver)
      : from_(std::move(from)), parts_(parts), deliver_(std::move(deliver)) {}

  Task<std::string> publish_event(ports::EventNotice) override { throw_unavailable("there is no topic"); }
  Task<std::string> send_sms(ports::TextMessage) override { throw_unavailable("there is no way to a telephone"); }

  Task<std::string> send_mail(ports::Mail mail) override {
    const Time begun = parts_.clock.now();
    std::array<std::uint8_t, kTokenBytes> chance;
    parts_.random.fill(chance);
    const Message message = make_message(mail, from_, begun, to_hex(chance));
    try {
      // Copies, since the thread may outlive this coroutine.
      co_await parts_.offload.run([deliver = deliver_, message, begun] { deliver(message, begun); });
    } catch (const Error& error) {
      if (error.slug() != "overloaded") throw;
      throw_unavailable("too many mails are waiting to be sent");
    }
    co_return message.id;
  }

 private:
  const Mailbox from_;
  const NotifierParts parts_;
  const Delivery deliver_;
};

}  // namespace

std::unique_ptr<ports::Notifier> make_smtp_notifier(Mailbox from, SmtpOptions options, NotifierParts parts,
                                                    std::stop_token stop) {
  Delivery deliver = [sender = from.address, options = std::move(options), &clock = parts.clock,
                      stop = std::move(stop)](const Message& message, Time begun) {
    const Duration left = options.timeout - (clock.now() - begun);
    if (left <= Duration{0} || stop.stop_requested()) throw_unavailable("no thread was free in time");
    send_by_smtp(options, sender, message, left, clock, stop);
  };
  return std::make_unique<MailNotifier>(std::move(from), parts, std::move(deliver));
}

std::unique_ptr<ports::Notifier> make_folder_notifier(Mailbox from, std::filesystem::path folder, NotifierParts parts) {
  Delivery deliver = [folder = std::move(folder)](const Message& message, Time begun) {
    put_into_folder(folder, message, begun);
  };
  return std::make_unique<MailNotifier>(std::move(from), parts, std::move(deliver));
}

}  // namespace orderly::mail
