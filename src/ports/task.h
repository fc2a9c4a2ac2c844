// The coroutine type of everything above this room: use cases and ports are C++20 coroutines on Asio.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace orderly {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace orderly
