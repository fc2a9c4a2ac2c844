#include "engines/https/pool.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"

namespace orderly::https {

namespace asio = boost::asio;

Pool::Pool(ClientOptions options) : options_(std::move(options)), tls_(options_.root_files) {
  ORDERLY_ASSERT(options_.clock != nullptr);
  ORDERLY_ASSERT(options_.connections_max > 0);
}

bool Pool::is_stopped() const {
  const std::scoped_lock lock(mutex_);
  return is_stopped_;
}

void Pool::stop() {
  Connections closed;
  const std::scoped_lock lock(mutex_);
  is_stopped_ = true;
  for (auto& [endpoint, place] : places_) {
    while (place.kept_count > 0) close_longest_kept(place, closed);
    for (Lease* waiting : place.waiting) waiting->admitted_->try_send(boost::system::error_code());
    place.waiting.clear();
  }
  for (const Lease* lease : leases_) {
    asio::post(lease->strand_, [connection = std::weak_ptr(lease->connection_)] {
      if (const auto alive = connection.lock()) alive->abort();
    });
  }
}

// The machine's time may go back: what seems to be kept since the future has no known age.
bool Pool::is_overdue(const Kept& kept, Time now) const {
  return now < kept.since || now - kept.since >= options_.idle_time;
}

void Pool::close_longest_kept(Place& place, Connections& closed) {
  const auto oldest =
      std::ranges::min_element(place.kept, {}, [](const auto& of_loop) { return of_loop.second.front().since; });
  closed.push_back(std::move(oldest->second.front().connection));
  oldest->second.pop_front();
  --place.kept_count;
  if (oldest->second.empty()) place.kept.erase(oldest);
}

void Pool::keep(Place& place, Loop loop, std::shared_ptr<Connection> connection, Time now, Connections& closed) {
  if (options_.idle_max == 0) {
    closed.push_back(std::move(connection));
    return;
  }
  std::deque<Kept>& kept = place.kept[loop];
  if (kept.size() >= options_.idle_max) {
    closed.push_back(std::move(kept.front().connection));
    kept.pop_front();
    --place.kept_count;
  }
  kept.push_back({std::move(connection), now});
  ++place.kept_count;
}

// Of all endpoints, those that nobody calls any more too; four times in the idle time at most.
void Pool::close_overdue(Time now, Connections& closed) {
  if (now >= swept_at_ && now - swept_at_ < options_.idle_time / 4) return;
  swept_at_ = now;
  for (auto at = places_.begin(); at != places_.end();) {
    Place& place = at->second;
    for (auto of_loop = place.kept.begin(); of_loop != place.kept.end();) {
      std::deque<Kept>& kept = of_loop->second;
      while (!kept.empty() && is_overdue(kept.front(), now)) {
        closed.push_back(std::move(kept.front().connection));
        kept.pop_front();
        --place.kept_count;
      }
      of_loop = kept.empty() ? place.kept.erase(of_loop) : std::next(of_loop);
    }
    at = place.calls == 0 && place.kept_count == 0 ? places_.erase(at) : std::next(at);
  }
}

void Pool::admit_next(Place& place) {
  if (place.waiting.empty() || place.in_use >= options_.connections_max) return;
  Lease* const next = place.waiting.front();
  place.waiting.pop_front();
  ++place.in_use;
  next->is_admitted_ = true;
  next->admitted_->try_send(boost::system::error_code());
}

Lease::Lease(std::shared_ptr<Pool> pool, const Endpoint& endpoint, asio::any_io_executor executor,
             asio::any_io_executor strand)
    : pool_(std::move(pool)),
      executor_(std::move(executor)),
      strand_(std::move(strand)),
      loop_(&asio::query(executor_, asio::execution::context)) {
  const std::scoped_lock lock(pool_->mutex_);
  place_ = pool_->places_.try_emplace(endpoint).first;
  ++place().calls;
  pool_->leases_.insert(this);
}

Lease::~Lease() { release(false); }

bool Lease::enter() {
  const std::scoped_lock lock(pool_->mutex_);
  if (pool_->is_stopped_) return true;
  if (place().waiting.empty() && place().in_use < pool_->options_.connections_max) {
    ++place().in_use;
    is_admitted_ = true;
    return true;
  }
  admitted_.emplace(strand_, 1);
  place().waiting.push_back(this);
  return false;
}

Task<bool> Lease::wait() {
  if (!enter()) co_await admitted_->async_receive(asio::as_tuple(asio::use_awaitable));
  const std::scoped_lock lock(pool_->mutex_);
  co_return is_admitted_ && !pool_->is_stopped_;
}

std::shared_ptr<Connection> Lease::take_kept() {
  for (;;) {
    std::shared_ptr<Connection> kept = pop_kept();
    if (kept == nullptr || kept->is_quiet()) return kept;
  }
}

std::shared_ptr<Connection> Lease::pop_kept() {
  Pool::Connections closed;
  const std::scoped_lock lock(pool_->mutex_);
  if (connection_ != nullptr) closed.push_back(std::exchange(connection_, nullptr));
  const auto of_loop = place().kept.find(loop_);
  if (pool_->is_stopped_ || of_loop == place().kept.end()) return nullptr;
  const Time now = pool_->clock().now();
  std::deque<Pool::Kept>& kept = of_loop->second;
  while (!kept.empty() && connection_ == nullptr) {
    const bool is_overdue = pool_->is_overdue(kept.back(), now);
    std::shared_ptr<Connection>& newest = kept.back().connection;
    if (is_overdue) {
      closed.push_back(std::move(newest));
    } else {
      connection_ = std::move(newest);
    }
    kept.pop_back();
    --place().kept_count;
  }
  if (kept.empty()) place().kept.erase(of_loop);
  return connection_;
}

std::shared_ptr<Connection> Lease::make_connection() {
  // Not the strand: the connection outlives the call.
  auto fresh = std::make_shared<Connection>(executor_, pool_->tls(), pool_->clock());
  Pool::Connections closed;
  const std::scoped_lock lock(pool_->mutex_);
  if (pool_->is_stopped_) return nullptr;
  if (connection_ != nullptr) closed.push_back(std::move(connection_));
  // Those kept for other event loops must not keep this one waiting.
  while (place().kept_count > 0 && place().in_use + place().kept_count > pool_->options_.connections_max) {
    pool_->close_longest_kept(place(), closed);
  }
  connection_ = fresh;
  return fresh;
}

void Lease::release(bool keep) {
  Pool::Connections closed;
  const std::scoped_lock lock(pool_->mutex_);
  if (std::exchange(is_released_, true)) return;
  pool_->leases_.erase(this);
  const Time now = pool_->clock().now();
  if (keep && connection_ != nullptr && !pool_->is_stopped_) {
    pool_->keep(place(), loop_, std::exchange(connection_, nullptr), now, closed);
  } else {
    closed.push_back(std::exchange(connection_, nullptr));
  }
  --place().calls;
  if (is_admitted_) {
    --place().in_use;
    pool_->admit_next(place());
  } else {
    std::erase(place().waiting, this);
  }
  pool_->close_overdue(now, closed);
}

}  // namespace orderly::https
