#include "host/cli/mailer.h"

#include "engines/mail/notifier.h"

namespace orderly::cli {

namespace {

constexpr std::size_t kThreads = 2;
constexpr std::size_t kQueueMax = 64;

mail::SmtpOptions smtp_options(const MailSettings& settings) {
  mail::SmtpOptions options;
  options.server = settings.smtp.value();
  options.user = settings.user;
  options.password = settings.password;
  return options;
}

}  // namespace

Mailer::Mailer(const Config& config, Parts parts) {
  const MailSettings& settings = config.mail;
  if (!settings.smtp && settings.folder.empty()) return;
  pool_.emplace(kThreads, kQueueMax);
  offload_.emplace(*pool_);
  const mail::NotifierParts all{parts.clock, parts.random, *offload_};
  const mail::Mailbox from = settings.from.value_or(mail::Mailbox{"Orderly", "orderly@localhost"});
  notifier_ = settings.smtp ? mail::make_smtp_notifier(from, smtp_options(settings), all, stop_.get_token())
                            : mail::make_folder_notifier(from, settings.folder, all);
}

}  // namespace orderly::cli
