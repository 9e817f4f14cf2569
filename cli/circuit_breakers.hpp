// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/ports/http_client.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::cli {

// Why a system is not asked for a while, as one process keeps it for others to show.
struct OpenBreaker {
  std::string profile{};
  std::string origin{};   // "https://host", of the request that failed last
  unsigned failures = 0;  // in a row
  TimePoint opened_at{};
  TimePoint next_try_at{};
  // open until the next try, then half-open; never closed.
  CircuitBreaker::State state(TimePoint now) const noexcept;
  // "open since 2026-01-31T08:05:09Z, after 8 failures in a row of 'https://host', next try in 12
  // s"
  std::string describe(TimePoint now) const;
};

// The circuit breakers of profiles, in a file each while they are open. A process shows what
// another one kept but does not obey it: whoever starts one wants to know how things are now. The
// first good answer removes the file. Safe to use from several threads and processes.
class CircuitBreakers {
 public:
  // Nothing is kept where `directory` is empty or cannot be written to. `clock` must outlive this.
  CircuitBreakers(std::filesystem::path directory, const Clock& clock);
  CircuitBreakers(const CircuitBreakers&) = delete;
  CircuitBreakers& operator=(const CircuitBreakers&) = delete;

  // Clients of `real` that keep note of their breakers; both must outlive them.
  const ports::HttpClientFactory& watch(const ports::HttpClientFactory& real);

  std::optional<OpenBreaker> find(std::string_view profile) const;
  std::vector<OpenBreaker> all() const;  // by profile
  // Whether this process made a client for the profile.
  bool is_used(std::string_view profile) const;

 private:
  class Client;
  class Factory;
  void note(const std::string& profile, const std::string& url, const ports::HttpState& state,
            bool answered);
  std::filesystem::path file_of(std::string_view profile) const;

  std::filesystem::path directory_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<const ports::HttpClientFactory*, std::unique_ptr<ports::HttpClientFactory>> factories_;
  std::map<std::string, bool, std::less<>> known_open_;  // by profile; those with a client
};

}  // namespace mapctl::cli
