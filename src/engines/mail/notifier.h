// ports::Notifier for mail alone, over a mail server or into a folder. Events and text messages are unavailable.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "engines/mail/mailbox.h"
#include "engines/mail/smtp.h"
#include "ports/clock.h"
#include "ports/notifier.h"
#include "ports/offload.h"

namespace orderly::mail {

// Must outlive the notifier and what it has offloaded.
struct NotifierParts {
  const ports::Clock& clock;
  ports::Random& random;
  ports::Offload& offload;  // threads that may be kept waiting for as long as a mail server takes
};

// Thread-safe. A mail's id is its Message-ID. Each call is one try and one connection.
std::unique_ptr<ports::Notifier> make_smtp_notifier(Mailbox from, SmtpOptions options, NotifierParts parts,
                                                    std::stop_token stop);
std::unique_ptr<ports::Notifier> make_folder_notifier(Mailbox from, std::filesystem::path folder, NotifierParts parts);

}  // namespace orderly::mail
