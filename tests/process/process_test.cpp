#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/process/loopback.h"
#include "tests/process/server.h"

namespace orderly::process {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Processes : public testing::Test {
 protected:
  Processes() {
    std::string name = std::filesystem::temp_directory_path() / "orderly-process-XXXXXX";
    folder = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  ~Processes() override { std::filesystem::remove_all(folder); }

  Command shell(std::string script) const {
    return {"/bin/sh", {"-c", std::move(script)}, folder, folder / "output", folder / "errors"};
  }

  std::filesystem::path folder;
};

TEST_F(Processes, RunInTheirFolderAndAppendWhatTheySay) {
  EXPECT_EQ(run(shell("pwd; echo wrong >&2; exit 3")), 3);
  EXPECT_EQ(run(shell("echo again")), 0);
  EXPECT_EQ(end_of(folder / "output"), std::filesystem::canonical(folder).string() + "\nagain\n");
  EXPECT_EQ(end_of(folder / "errors"), "wrong\n");
  EXPECT_EQ(end_of(folder / "none"), "");
}

TEST_F(Processes, GetOurEnvironmentWithoutTheSettingsInIt) {
  ::setenv("ORDERLY_DATA", "elsewhere", 1);
  ::setenv("KEPT_BY_ORDERLY", "yes", 1);
  EXPECT_EQ(run(shell("echo \"$KEPT_BY_ORDERLY:$ORDERLY_DATA\"")), 0);
  ::unsetenv("ORDERLY_DATA");
  EXPECT_EQ(end_of(folder / "output"), "yes:\n");
}

TEST_F(Processes, ThatEndByASignalHaveNoExitCode) { EXPECT_EQ(run(shell("kill -9 $$")), std::nullopt); }

TEST_F(Processes, ThatCannotBeRunEndAtOnce) {
  Command command = shell("");
  command.program = folder / "none";
  EXPECT_EQ(run(command), 127);
}

TEST_F(Processes, EndWithSigtermOrAreKilled) {
  Child polite(shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"));
  while (end_of(folder / "output") != "ready\n") std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(polite.stop(10s));
  EXPECT_EQ(polite.exit_code(), 5);
  EXPECT_FALSE(polite.stop(10s)) << "it had ended before";

  Child deaf(shell("trap '' TERM; echo set; while :; do sleep 0.01; done"));
  while (!end_of(folder / "output").ends_with("set\n")) std::this_thread::sleep_for(1ms);
  EXPECT_FALSE(deaf.stop(50ms));
  EXPECT_TRUE(deaf.has_ended());
  EXPECT_EQ(deaf.exit_code(), std::nullopt);
}

TEST_F(Processes, DoNotOutliveTheirObject) {
  const pid_t id = Child(shell("exec sleep 60")).id();
  EXPECT_NE(::kill(id, 0), 0);
}

TEST_F(Processes, DoNotOutliveTheThreadThatMadeThem) {
  std::unique_ptr<Child> child;
  std::thread([&] {
    child = std::make_unique<Child>(shell("echo ready; exec sleep 60"));
    while (end_of(folder / "output") != "ready\n") std::this_thread::sleep_for(1ms);
  }).join();
  const auto begun = Clock::now();
  child->wait();
  EXPECT_LT(Clock::now() - begun, 30s);
  EXPECT_EQ(child->exit_code(), std::nullopt);
}

TEST_F(Processes, AServerIsReadyWhenItAnswers) {
  const std::uint16_t port = free_port();
  const Command command{"/usr/bin/python3",
                        {"-m", "http.server", std::to_string(port), "--bind", "127.0.0.1", "--protocol", "HTTP/1.1"},
                        folder,
                        folder / "output",
                        folder / "errors"};
  Server server(command, port, "/");
  const auto time = server.wait_until_ready(60s);
  ASSERT_TRUE(time) << end_of(folder / "errors");
  EXPECT_GT(*time, 0s);
  EXPECT_LT(*time, 60s);
  EXPECT_NE(get(port, "/").find("\r\n\r\n"), std::string::npos);
  server.kill();
  EXPECT_EQ(get(port, "/"), "");
}

TEST_F(Processes, AServerThatEndsOrNeverAnswersIsNotReady) {
  Server ended(shell("exit 1"), free_port(), "/");
  EXPECT_EQ(ended.wait_until_ready(60s), std::nullopt);
  EXPECT_EQ(ended.exit_code(), 1);
  Server silent(shell("exec sleep 60"), free_port(), "/");
  EXPECT_EQ(silent.wait_until_ready(50ms), std::nullopt);
  EXPECT_FALSE(silent.has_ended());
}

}  // namespace
}  // namespace orderly::process
