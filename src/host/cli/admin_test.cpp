// Commands over a data folder, without a server: what they answer when somebody has been at the files.
#include "host/cli/admin.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "app/api_key_events.h"
#include "app/keys.h"
#include "base/json.h"

namespace orderly::cli {
namespace {

namespace asio = boost::asio;

// A folder with one API key in it.
class AdminTest : public testing::Test {
 protected:
  AdminTest() {
    std::string folder = testing::TempDir() + "orderly-admin-XXXXXX";
    config.data = ::mkdtemp(folder.data());
    EXPECT_EQ(ask({.command = "seed"}).exit_code, 0);
    const AdminAnswer made =
        ask({.command = "key-create", .json = true, .key = {{"Till", app::Role::kStaff, {}, {}, {}}}});
    EXPECT_EQ(made.exit_code, 0) << made.output;
    key = json::read_stored<app::ApiKeyView>(made.output).id;
  }
  ~AdminTest() override { std::filesystem::remove_all(config.data); }

  AdminAnswer ask(const AdminRequest& request) { return run_or_ask(config, log, request); }

  // Commits one write, as nothing in the program would.
  void write(ports::Write write) {
    Node node(config, log);
    asio::io_context context;
    ports::Commit commit;
    commit.token = "damage";
    commit.writes.push_back(std::move(write));
    auto result = asio::co_spawn(context, node.app().store.commit(std::move(commit)), asio::use_future);
    context.run();
    node.stop();
    node.close();
    EXPECT_TRUE(result.get().committed());
  }
  ports::Record read(const ports::Key& wanted) {
    Node node(config, log);
    std::optional<ports::Inspection::StoredRecord> stored;
    stored = node.home().inspectable().inspect()->record(wanted);
    node.stop();
    node.close();
    return stored.value().record;
  }
  template <class T>
  void edit(const ports::Key& where, const std::function<void(T&)>& change) {
    const ports::Record record = read(where);
    T value = json::read_stored<T>(record.document);
    change(value);
    ports::Put put;
    put.key = where;
    put.document = json::write(value);
    put.version = record.version;
    put.condition = ports::Always{};
    write(std::move(put));
  }

  Config config;
  server::SystemClock clock;
  server::LogSink sink{STDERR_FILENO};
  server::Log log{sink, server::LogFormat::kText, server::LogLevel::kError, clock};
  ApiKeyId key;
};

TEST_F(AdminTest, ARebuildOfAnIntactFolderFindsNothing) {
  const AdminAnswer answer = ask({.command = "events-rebuild"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.output,
            "orders: objects 0, events 0, differences 0\n"
            "clients: objects 0, events 0, differences 0\n"
            "API keys: objects 1, events 1, differences 0\n"
            "invoices and credit notes: objects 0, events 0, differences 0\n"
            "every object is what its events say\n");
}

TEST_F(AdminTest, ARebuildNamesARecordThatWasChanged) {
  edit<app::ApiKey>(app::keys::api_key(key), [](app::ApiKey& stored) { stored.role = app::Role::kOwner; });
  const AdminAnswer answer = ask({.command = "events-rebuild"});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.output.find("[api-key-differs] APIKEYS/" + key.text +
                               ": by its events, role: expected \"staff\", found \"owner\"\n"),
            std::string::npos)
      << answer.output;
  EXPECT_EQ(ask({.command = "events-rebuild", .json = true}).exit_code, 1);
  EXPECT_EQ(ask({.command = "check"}).exit_code, 1);
}

TEST_F(AdminTest, ARebuildNamesAnEventThatWasChanged) {
  const ports::Key made = app::keys::event(key, 1);
  edit<app::ApiKeyEvent>(made, [](app::ApiKeyEvent& event) { event.actor = "nobody"; });
  const AdminAnswer answer = ask({.command = "events-rebuild"});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.output.find("[event-hash] " + made.partition + "/" + made.sort), std::string::npos) << answer.output;
}

TEST_F(AdminTest, ARebuildNamesAnObjectWhoseEventIsMissing) {
  write(ports::Remove{app::keys::event(key, 1), ports::Always{}});
  const AdminAnswer answer = ask({.command = "events-rebuild"});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.output.find("[api-key-version] APIKEYS/" + key.text), std::string::npos) << answer.output;
}

TEST_F(AdminTest, AKeyMadeHereIsTheOperatorsFromThisMachine) {
  const auto made = json::read_stored<app::ApiKeyEvent>(read(app::keys::event(key, 1)).document);
  EXPECT_EQ(made.actor, "operator");
  EXPECT_EQ(made.source, kLocalSource);
}

}  // namespace
}  // namespace orderly::cli
