// SPDX-License-Identifier: Apache-2.0
#include "core/registry/pool.hpp"

#include "core/base/error.hpp"

#include <algorithm>
#include <exception>

namespace mapctl::registry {

RegistryPool::RegistryPool(Open open, std::size_t most)
    : open_{std::move(open)}, most_{std::max<std::size_t>(1, most)} {
  idle_.reserve(most_);
}

RegistryPool::Lease::Lease(RegistryPool& pool, std::unique_ptr<Registry> registry)
    : pool_{&pool}, registry_{std::move(registry)}, exceptions_{std::uncaught_exceptions()} {}

RegistryPool::Lease::~Lease() {
  if (pool_ != nullptr) {
    if (std::uncaught_exceptions() > exceptions_) {
      registry_.reset();
    }
    pool_->give_back(std::move(registry_));
  }
}

RegistryPool::Lease RegistryPool::acquire(std::stop_token stop) {
  {
    std::unique_lock lock{mutex_};
    if (!free_.wait(lock, stop, [&] { return !idle_.empty() || count_ < most_; })) {
      throw Error{ErrorCode::cancelled, "waiting for a session of the registry was stopped"};
    }
    if (!idle_.empty()) {
      std::unique_ptr<Registry> registry = std::move(idle_.back());
      idle_.pop_back();
      return Lease{*this, std::move(registry)};
    }
    ++count_;
  }
  try {
    return Lease{*this, std::make_unique<Registry>(open_())};
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

std::size_t RegistryPool::open() const {
  const std::scoped_lock lock{mutex_};
  return count_;
}

void RegistryPool::give_back(std::unique_ptr<Registry> registry) noexcept {
  {
    const std::scoped_lock lock{mutex_};
    if (registry) {
      idle_.push_back(std::move(registry));
    } else {
      --count_;
    }
  }
  free_.notify_one();
}

}  // namespace mapctl::registry
