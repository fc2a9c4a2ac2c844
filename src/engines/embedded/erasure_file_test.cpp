#include "engines/embedded/erasure_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/error.h"

namespace orderly::embedded {
namespace {

using Ids = std::vector<std::string>;

template <class T>
T run(Task<T> task) {
  boost::asio::io_context context;
  auto result = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return result.get();
}

template <class T>
std::string slug_of(Task<T> task) {
  try {
    run(std::move(task));
    return "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    return error.slug();
  }
}

class ErasureFileTest : public ::testing::Test {
 protected:
  ErasureFileTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "orderly-erasures-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    path_ = folder_ / "shop.erasures";
  }
  ~ErasureFileTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // As after a restart.
  Ids all() const { return run(ErasureFile(path_.string()).all()); }
  void add(const std::string& id) const { run(ErasureFile(path_.string()).add(id)); }
  std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return text.str();
  }
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(ErasureFileTest, IsEmptyWhereThereIsNone) {
  EXPECT_TRUE(all().empty());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ErasureFileTest, KeepsOneIdALineAcrossRestarts) {
  add("cli_1");
  add("u1#abc");
  EXPECT_EQ(all(), (Ids{"cli_1", "u1#abc"}));
  EXPECT_EQ(bytes(), "cli_1\nu1#abc\n");
}

TEST_F(ErasureFileTest, HasEachIdOnce) {
  ErasureFile file(path_.string());
  for (int i = 0; i < 3; ++i) run(file.add("cli_1"));
  run(file.add("cli_11"));
  run(file.add("cli_"));
  EXPECT_EQ(bytes(), "cli_1\ncli_11\ncli_\n");
}

TEST_F(ErasureFileTest, IsReadableForItsOwnerAlone) {
  add("cli_1");
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(ErasureFileTest, TakesALineThatACrashLeftWithoutItsEndForNone) {
  write("cli_1\ncli_2");
  EXPECT_EQ(all(), Ids{"cli_1"});
  add("cli_2");
  const Ids ids = all();
  EXPECT_EQ(ids.front(), "cli_1");
  EXPECT_EQ(ids.back(), "cli_2");
  EXPECT_TRUE(bytes().ends_with("\ncli_2\n")) << bytes();
}

TEST_F(ErasureFileTest, SkipsEmptyLines) {
  write("\ncli_1\n\n\ncli_2\n");
  EXPECT_EQ(all(), (Ids{"cli_1", "cli_2"}));
}

TEST_F(ErasureFileTest, ReadsWhatIsLongerThanOneRead) {
  Ids wanted;
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    wanted.push_back("cli_" + std::to_string(i));
    text += wanted.back() + "\n";
  }
  write(text);
  EXPECT_EQ(all(), wanted);
}

TEST_F(ErasureFileTest, TakesAddsOfSeveralThreadsAndProcesses) {
  ErasureFile first(path_.string());
  ErasureFile second(path_.string());  // as another process would have it
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) run((i % 2 == 0 ? first : second).add(std::to_string(i) + "-" + std::to_string(j)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  Ids ids = all();
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::unique(ids).begin(), ids.end());
  EXPECT_EQ(ids.size(), 20u);
}

TEST_F(ErasureFileTest, SaysSoWhereItCannotBeUsed) {
  ErasureFile in_no_folder((folder_ / "missing" / "shop.erasures").string());
  EXPECT_EQ(slug_of(in_no_folder.add("cli_1")), "erasures-unavailable");
  EXPECT_TRUE(run(in_no_folder.all()).empty());
  ErasureFile is_a_folder(folder_.string());
  EXPECT_EQ(slug_of(is_a_folder.add("cli_1")), "erasures-unavailable");
  EXPECT_EQ(slug_of(is_a_folder.all()), "erasures-unavailable");
}

}  // namespace
}  // namespace orderly::embedded
