#include "engines/embedded/continuation.h"

#include <boost/asio/post.hpp>
#include <optional>

namespace orderly::embedded {
namespace {

// Few enough that the threads of one executor share a large group between them.
constexpr std::size_t kResumedPerPost = 16;

void post(std::vector<ContinuationPtr> bundle) {
  const boost::asio::any_io_executor executor = bundle.front()->executor();
  boost::asio::post(executor, [bundle = std::move(bundle)]() mutable {
    for (ContinuationPtr& continuation : bundle) {
      continuation->resume();
      continuation.reset();
    }
  });
}

}  // namespace

void resume_all(std::vector<ContinuationPtr> continuations) {
  std::vector<std::vector<ContinuationPtr>> bundles;  // the one being filled for each executor; there are a few
  for (ContinuationPtr& continuation : continuations) {
    auto bundle = std::ranges::find_if(
        bundles, [&](const auto& other) { return other.front()->executor() == continuation->executor(); });
    if (bundle == bundles.end()) bundle = bundles.emplace(bundles.end());
    bundle->push_back(std::move(continuation));
    if (bundle->size() == kResumedPerPost) {
      post(std::move(*bundle));
      bundles.erase(bundle);
    }
  }
  for (std::vector<ContinuationPtr>& bundle : bundles) post(std::move(bundle));
}

}  // namespace orderly::embedded
