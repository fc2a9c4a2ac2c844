// One call from its first wait to its answer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "engines/https/client.h"
#include "engines/https/pool.h"

namespace orderly::https {

// As Http::send, for a request whose head is made already. `executor` is the caller's; to be awaited on a strand over
// it that is the call's own.
Task<Response> call(std::shared_ptr<Pool> pool, Request request, std::string head,
                    boost::asio::any_io_executor executor);

}  // namespace orderly::https
