// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/registry/registry.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace mapctl::registry {

// Registries that threads take in turns, each with a session of its own, and never more of them
// than a server is to bear. Safe to use from several threads; must outlive its leases.
class RegistryPool {
 public:
  using Open = std::function<Registry()>;
  // `open` is called when a registry is needed and none is idle, by several threads at once.
  RegistryPool(Open open, std::size_t most);
  RegistryPool(const RegistryPool&) = delete;
  RegistryPool& operator=(const RegistryPool&) = delete;

  // A registry for one thread. Goes back to the pool, or is closed when an exception ends the
  // lease: nobody knows then what its session is good for.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_{std::exchange(other.pool_, nullptr)},
          registry_{std::move(other.registry_)},
          exceptions_{other.exceptions_} {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Registry& operator*() const noexcept { return *registry_; }
    Registry* operator->() const noexcept { return registry_.get(); }

   private:
    friend class RegistryPool;
    Lease(RegistryPool& pool, std::unique_ptr<Registry> registry);
    RegistryPool* pool_;
    std::unique_ptr<Registry> registry_;
    int exceptions_;
  };

  // Waits while all are taken. Throws Error::cancelled, and what opening one throws.
  Lease acquire(std::stop_token stop = {});
  std::size_t open() const;  // how many, idle or taken

 private:
  void give_back(std::unique_ptr<Registry> registry) noexcept;

  Open open_;
  std::size_t most_;
  mutable std::mutex mutex_{};
  std::condition_variable_any free_{};
  std::vector<std::unique_ptr<Registry>> idle_{};
  std::size_t count_ = 0;
};

}  // namespace mapctl::registry
