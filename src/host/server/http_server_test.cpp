#include "host/server/http_server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/error.h"
#include "host/server/test_server.h"

namespace orderly::server {
namespace {

using test::Client;
using test::post;
using test::TestServer;

// Answers with what it got.
Task<api::Response> echo(api::Request request) {
  api::Response response;
  response.route = "/echo";
  response.headers.emplace_back("content-type", "text/plain");
  response.body = request.target + "|";
  for (const auto& [name, value] : request.headers) {
    if (name != "x-request-id") response.body += name + "=" + value + ";";
  }
  response.body += "|" + request.body;
  co_return response;
}

Task<api::Response> fail(api::Request request) {
  if (request.target == "/number") throw 7;
  if (request.target == "/split") {
    api::Response response;
    response.headers.emplace_back("location", "/a\r\nset-cookie: b=c");
    co_return response;
  }
  throw std::runtime_error("a secret detail");
}

TEST(HttpServer, AnswersWithItsOwnFieldsAndTheHandlers) {
  TestServer server(echo);
  const auto answer = server.client().get("/a?b=c", "X-Thing: 1\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/a?b=c|host=localhost;x-thing=1;|");
  EXPECT_EQ(answer.header("content-length"), std::to_string(answer.body.size()));
  EXPECT_EQ(answer.header("content-type"), "text/plain");
  EXPECT_EQ(answer.header("server"), "orderly");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("date").size(), std::string("Fri, 20 Nov 2026 09:30:00 GMT").size());
  EXPECT_FALSE(answer.header("x-request-id").empty());
  EXPECT_EQ(answer.header("connection"), "");
}

TEST(HttpServer, KeepsAConnectionForManyRequests) {
  TestServer server(echo);
  Client client = server.client();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.send(post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i) * 37, 'x'))));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.body.starts_with("/" + std::to_string(i) + "|"));
    ASSERT_TRUE(answer.body.ends_with("|" + std::string(static_cast<std::size_t>(i) * 37, 'x')));
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  TestServer server(echo);
  Client client = server.client();
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += post("/" + std::to_string(i), "body of " + std::to_string(i));
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.body.starts_with("/" + std::to_string(i) + "|")) << answer.body;
    ASSERT_TRUE(answer.body.ends_with("|body of " + std::to_string(i))) << answer.body;
  }
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  TestServer server(echo);
  Client client = server.client();
  for (const char byte : post("/slow", "hello")) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_TRUE(client.receive().body.ends_with("|hello"));
}

TEST(HttpServer, ClosesWhenTheClientWantsIt) {
  TestServer server(echo);
  for (const std::string request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Client client = server.client();
    client.send(request);
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(client.ends());
  }
}

TEST(HttpServer, KeepsAnHttp10ConnectionThatAsksForIt) {
  TestServer server(echo);
  Client client = server.client();
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("connection"), "keep-alive");
  }
}

TEST(HttpServer, AnswersAClientThatIsDoneWithSending) {
  TestServer server(echo);
  Client client = server.client();
  client.send(post("/a", "b"));
  client.say_done();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.ends());
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  TestServer server(echo);
  Client client = server.client();
  client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto answer = client.receive(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), std::to_string(std::string("/a|host=h;|").size()));
  EXPECT_EQ(client.get("/b").status, 200) << "a body was sent";
}

TEST(HttpServer, SendsNoLengthWithAnAnswerThatHasNoBody) {
  TestServer server([](api::Request) -> Task<api::Response> { co_return api::Response{204, {}, "ignored", {}}; });
  Client client = server.client();
  const auto answer = client.get("/");
  EXPECT_EQ(answer.status, 204);
  EXPECT_FALSE(answer.headers.contains("content-length"));
  EXPECT_EQ(client.get("/").status, 204) << "a body was sent";
}

// A stream of three pieces; the second waits until the first has been read by the client.
Handler three_pieces(std::shared_ptr<std::atomic<bool>> first_was_read) {
  return [first_was_read](api::Request) -> Task<api::Response> {
    api::Response response;
    auto count = std::make_shared<int>(0);
    response.stream = [count, first_was_read]() -> Task<std::optional<std::string>> {
      SystemClock clock;
      while (*count == 1 && !first_was_read->load()) co_await clock.sleep(Duration{5});
      if (++*count > 3) co_return std::nullopt;
      co_return "piece " + std::to_string(*count) + ";";
    };
    co_return response;
  };
}

std::string read_until(Client& client, std::string_view end) {
  std::string bytes;
  char c = 0;
  while (!bytes.ends_with(end) && ::recv(client.fd(), &c, 1, 0) == 1) bytes += c;
  return bytes;
}

TEST(HttpServer, SendsAStreamPieceByPieceAndCloses) {
  const auto first_was_read = std::make_shared<std::atomic<bool>>(false);
  TestServer server(three_pieces(first_was_read));
  Client client = server.client();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string beginning = read_until(client, "piece 1;\r\n");
  EXPECT_NE(beginning.find("transfer-encoding: chunked\r\n"), std::string::npos) << beginning;
  EXPECT_EQ(beginning.find("content-length"), std::string::npos);
  EXPECT_TRUE(beginning.ends_with("\r\n\r\n8\r\npiece 1;\r\n")) << beginning;
  first_was_read->store(true);
  EXPECT_EQ(read_until(client, "0\r\n\r\n"), "8\r\npiece 2;\r\n8\r\npiece 3;\r\n0\r\n\r\n");
  EXPECT_TRUE(client.ends());
}

TEST(HttpServer, AnHttp10ClientReadsAStreamToTheEndOfTheConnection) {
  TestServer server(three_pieces(std::make_shared<std::atomic<bool>>(true)));
  Client client = server.client();
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(read_until(client, "piece 3;").ends_with("\r\n\r\npiece 1;piece 2;piece 3;"));
  EXPECT_TRUE(client.ends());
}

TEST(HttpServer, ReadsChunkedBodies) {
  TestServer server(echo);
  Client client = server.client();
  const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(head + "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n" + post("/next", "more"));
  EXPECT_TRUE(client.receive().body.ends_with("|hello!"));
  EXPECT_TRUE(client.receive().body.ends_with("|more"));

  client.send(head + "5\r\nhello!\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.ends());
}

TEST(HttpServer, SaysContinueToAClientThatWaits) {
  TestServer server(echo);
  Client client = server.client();
  client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("hello");
  EXPECT_TRUE(client.receive().body.ends_with("|hello"));
}

TEST(HttpServer, RefusesALargeBodyBeforeItIsSent) {
  TestServer server(echo);
  Client client = server.client();
  const std::string length = std::to_string(limits::kBodyBytesMax + 1);
  client.send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " + length + "\r\n\r\n");
  const auto answer = client.receive();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.ends());
}

TEST(HttpServer, AClientThatSendsALargeBodyAnywayReadsTheAnswer) {
  TestServer server(echo);
  for (const std::string framing :
       {"Content-Length: 3000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2dc6c0\r\n"}) {
    Client client = server.client();
    EXPECT_TRUE(client.send("POST /a HTTP/1.1\r\nHost: h\r\n" + framing + std::string(3'000'000, 'x')));
    EXPECT_EQ(client.receive().status, 413);
  }
}

TEST(HttpServer, TakesTheLargestBodyThatIsAllowed) {
  TestServer server(echo);
  Client client = server.client();
  const std::string body(limits::kBodyBytesMax, 'x');
  client.send(post("/a", body));
  EXPECT_TRUE(client.receive().body.ends_with("|" + body));
}

TEST(HttpServer, AnswersABrokenRequestWithAProblemAndCloses) {
  TestServer server(echo);
  const std::pair<const char*, int> cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
      {"\x16\x03\x01\x02\n", 400},  // the start of a TLS handshake
  };
  for (const auto& [request, status] : cases) {
    Client client = server.client();
    client.send(std::string(request) + post("/smuggled", "x"));
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, status) << request;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_TRUE(answer.body.starts_with(R"({"type":"about:blank","title":")")) << answer.body;
    EXPECT_NE(answer.body.find("\"status\":" + std::to_string(status) + ",\"code\":\""), std::string::npos);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(client.ends()) << "what followed was read as a request: " << request;
  }
}

TEST(HttpServer, TakesTheCallersRequestIdOrMakesOne) {
  TestServer server([](api::Request request) -> Task<api::Response> {
    api::Response response;
    for (const auto& [name, value] : request.headers) {
      if (name == "x-request-id") response.body += value + ";";
    }
    co_return response;
  });
  Client client = server.client();
  const auto named = client.get("/", "X-Request-Id: caller-1._A\r\n");
  EXPECT_EQ(named.header("x-request-id"), "caller-1._A");
  EXPECT_EQ(named.body, "caller-1._A;");

  std::string last;
  for (const std::string fields :
       {"", "X-Request-Id: a b\r\n", "X-Request-Id:\r\n", "X-Request-Id: \"}\r\nX-Request-Id: c\r\n"}) {
    const auto made = client.get("/", fields);
    EXPECT_EQ(made.header("x-request-id") + ";", made.body);
    EXPECT_NE(made.body, last);
    last = made.body;
  }
  EXPECT_NE(client.get("/", "X-Request-Id: " + std::string(65, 'a') + "\r\n").body, std::string(65, 'a') + ";");
}

TEST(HttpServer, AHandlerThatThrowsBecomesA500WithoutDetail) {
  TestServer server(fail);
  Client client = server.client();
  for (const std::string target : {"/exception", "/number", "/split"}) {
    const auto answer = client.get(target);
    EXPECT_EQ(answer.status, 500) << target;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_FALSE(answer.headers.contains("set-cookie"));
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  }
  server.stop();
  EXPECT_NE(server.logged().find("a secret detail"), std::string::npos);
  EXPECT_NE(server.logged().find("bad-response-header"), std::string::npos);
}

TEST(HttpServer, SaysWhereARequestComesFrom) {
  TestServer server([](api::Request request) -> Task<api::Response> {
    EXPECT_GT(request.received_at.ms, 1'700'000'000'000);
    co_return api::Response{200, {}, request.remote_address, {}};
  });
  EXPECT_EQ(server.client().get("/").body, "127.0.0.1");
}

TEST(HttpServer, ListensOnAUnixSocketOfTheOwnersAlone) {
  const auto folder = std::filesystem::temp_directory_path() / ("orderly-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = folder / "socket";
  {
    TestServer server(echo);
    server.http().listen_unix(path, [](api::Request request) -> Task<api::Response> {
      co_return api::Response{200, {}, "admin " + request.target + request.remote_address, {}};
    });
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(Client(path).get("/a").body, "admin /a");
    EXPECT_EQ(server.client().get("/a").body, "/a|host=localhost;|");
    server.stop();
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  std::filesystem::remove_all(folder);
}

TEST(HttpServer, ReplacesTheSocketOfADeadProcessButNoOtherFile) {
  const auto folder = std::filesystem::temp_directory_path() / ("orderly-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  {
    TestServer dead(echo);
    dead.http().listen_unix(folder / "first", echo);
    std::filesystem::rename(folder / "first", folder / "stale");
  }
  ASSERT_TRUE(std::filesystem::exists(folder / "stale"));
  {
    std::ofstream(folder / "file") << "precious";
  }
  TestServer server(echo);
  server.http().listen_unix(folder / "stale", echo);
  EXPECT_EQ(Client(folder / "stale").get("/").status, 200);
  EXPECT_THROW(server.http().listen_unix(folder / "file", echo), Error);
  EXPECT_EQ(std::filesystem::file_size(folder / "file"), 8u);
  EXPECT_THROW(server.http().listen_unix(folder / std::string(120, 'x'), echo), Error);
  std::filesystem::remove_all(folder);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  TestServer server(echo);
  try {
    server.http().listen_tcp("127.0.0.1", server.port, echo);
    FAIL() << "listened twice on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.slug(), "cannot-listen");
    EXPECT_NE(error.message().find("127.0.0.1:" + std::to_string(server.port)), std::string::npos);
    EXPECT_NE(error.message().find("in use"), std::string::npos);
  }
}

TEST(HttpServer, LogsOneLineARequestWithoutItsQueryOrBody) {
  TestServer server(echo);
  {
    Client client = server.client();
    client.send(post("/a?token=hush", "hush, body", "X-Request-Id: id-1\r\nAuthorization: hush\r\n"));
    EXPECT_EQ(client.receive().status, 200);
    client.send("BROKEN\r\n\r\n");
    EXPECT_EQ(client.receive().status, 400);
  }
  server.stop();
  const std::string log = server.logged();
  EXPECT_NE(log.find(R"("event":"request","id":"id-1","method":"POST","route":"/echo","status":200,"bytes_in":)"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(R"("method":"-","route":"","status":400)"), std::string::npos) << log;
  EXPECT_NE(log.find(R"("remote":"127.0.0.1"})"), std::string::npos) << log;
  EXPECT_EQ(log.find("hush"), std::string::npos) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2) << log;
}

TEST(HttpServer, CountsRequestsByRouteMethodAndStatus) {
  TestServer server(echo);
  Client client = server.client();
  for (int i = 0; i < 3; ++i) client.get("/a");
  client.send("BROKEN\r\n\r\n");
  client.receive();
  const std::string page = server.metrics();
  for (const char* line : {R"(orderly_http_requests_total{route="/echo",method="GET",status="2xx"} 3)",
                           R"(orderly_http_requests_total{route="unmatched",method="-",status="4xx"} 1)",
                           R"(orderly_http_request_duration_seconds_count{route="/echo",method="GET"} 3)",
                           R"(orderly_http_requests_under_way 0)"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << " is not in\n" << page;
  }
}

}  // namespace
}  // namespace orderly::server
