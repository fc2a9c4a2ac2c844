#include "host/cli/mailer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/cli/node.h"

namespace orderly::cli {
namespace {

class MailerTest : public ::testing::Test {
 protected:
  MailerTest() {
    config_.data = folder_ / "data";
    std::filesystem::create_directories(folder_);
  }
  ~MailerTest() override { std::filesystem::remove_all(folder_); }

  static std::string send(ports::Notifier& notifier) {
    boost::asio::io_context context;
    auto id = boost::asio::co_spawn(context, notifier.send_mail({"ann@example.org", "Your order", "Thank you.\n", ""}),
                                    boost::asio::use_future);
    context.run();
    return id.get();
  }

  // The one file in the mails' folder.
  std::string mail() const {
    const std::filesystem::directory_iterator files(config_.mail.folder);
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
    std::ifstream file(std::filesystem::directory_iterator(config_.mail.folder)->path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("orderly-mailer-" + std::to_string(::getpid()));
  server::LogSink sink_{STDERR_FILENO};
  server::SystemClock clock_;
  server::SystemRandom random_;
  server::Log log_{sink_, server::LogFormat::kText, server::LogLevel::kError, clock_};
  Config config_;
};

TEST_F(MailerTest, AShopWithoutMailHasNoNotifier) {
  Node node(config_, log_);
  EXPECT_EQ(node.app().notifier, nullptr);
}

TEST_F(MailerTest, AShopWithAFolderPutsItsMailsThere) {
  config_.mail.folder = folder_ / "mails";
  Node node(config_, log_);
  ASSERT_NE(node.app().notifier, nullptr);
  const std::string id = send(*node.app().notifier);
  EXPECT_NE(mail().find("Message-ID: <" + id + ">\r\n"), std::string::npos);
  EXPECT_NE(mail().find("From: Orderly <orderly@localhost>\r\n"), std::string::npos);
}

TEST_F(MailerTest, TheSenderIsWhoTheSettingsSay) {
  config_.mail.folder = folder_ / "mails";
  config_.mail.from = mail::Mailbox{"Shop", "shop@example.com"};
  Mailer mailer(config_, {clock_, random_});
  send(*mailer.notifier());
  EXPECT_NE(mail().find("From: Shop <shop@example.com>\r\n"), std::string::npos);
}

TEST_F(MailerTest, AServerThatIsNotThereIsTriedAndToldAsUnavailable) {
  config_.mail.from = mail::Mailbox{"Shop", "shop@example.com"};
  config_.mail.smtp = mail::parse_smtp_url("smtp://127.0.0.1:1");
  Node node(config_, log_);
  try {
    send(*node.app().notifier);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "notifier-unavailable");
    EXPECT_EQ(error.detail(), "Couldn't connect to server");
  }
}

}  // namespace
}  // namespace orderly::cli
