// The connections of one client: how many calls an endpoint gets at once and who is next, what is kept for reuse, and
// what is under way for stop() to end. Thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "engines/https/client.h"
#include "engines/https/connection.h"

namespace orderly::https {

class Lease;

class Pool {
 public:
  explicit Pool(ClientOptions options);

  ports::Clock& clock() { return *options_.clock; }
  TlsContext& tls() { return tls_; }
  bool is_stopped() const;
  void stop();

 private:
  friend class Lease;
  using Loop = const boost::asio::execution_context*;
  using Connections = std::vector<std::shared_ptr<Connection>>;

  struct Kept {
    std::shared_ptr<Connection> connection;
    Time since;
  };
  // What there is of one endpoint.
  struct Place {
    std::size_t calls = 0;   // all, waiting or not
    std::size_t in_use = 0;  // connections that calls have or may open
    std::size_t kept_count = 0;
    std::map<Loop, std::deque<Kept>> kept;  // the longest kept first
    std::deque<Lease*> waiting;
  };
  using Places = std::map<Endpoint, Place>;

  // What is taken out of `kept` goes to `closed`, to be destroyed when the lock is given back.
  bool is_overdue(const Kept& kept, Time now) const;
  void keep(Place& place, Loop loop, std::shared_ptr<Connection> connection, Time now, Connections& closed);
  void close_longest_kept(Place& place, Connections& closed);
  void close_overdue(Time now, Connections& closed);
  void admit_next(Place& place);

  const ClientOptions options_;
  TlsContext tls_;
  mutable std::mutex mutex_;
  bool is_stopped_ = false;
  Time swept_at_;
  Places places_;
  std::set<Lease*> leases_;
};

// A call's right to one connection to its endpoint, and that connection. Lives and dies on the call's strand.
class Lease {
 public:
  // `executor`: the caller's; `strand`: the call's own, over it.
  Lease(std::shared_ptr<Pool> pool, const Endpoint& endpoint, boost::asio::any_io_executor executor,
        boost::asio::any_io_executor strand);
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease();

  // Waits for its turn; the first to come is the first to go. False: the pool has been stopped.
  Task<bool> wait();
  // Of those kept on this event loop, the one used last that is still good; nothing when there is none.
  std::shared_ptr<Connection> take_kept();
  // A new one, not open yet, in the place of the one it had; nothing when the pool has been stopped.
  std::shared_ptr<Connection> make_connection();
  // The call needs it no longer. `keep`: others may use the connection.
  void release(bool keep);

 private:
  friend class Pool;
  // Concurrent, since whoever makes room may run on another event loop.
  using Signal = boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>;

  bool enter();
  std::shared_ptr<Connection> pop_kept();
  Pool::Place& place() { return place_->second; }

  std::shared_ptr<Pool> pool_;
  const boost::asio::any_io_executor executor_;
  const boost::asio::any_io_executor strand_;
  const Pool::Loop loop_;
  // Changed under the pool's lock only.
  Pool::Places::iterator place_;
  bool is_admitted_ = false;
  bool is_released_ = false;
  std::optional<Signal> admitted_;  // while it waits
  std::shared_ptr<Connection> connection_;
};

}  // namespace orderly::https
