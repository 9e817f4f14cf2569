// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/duckdb/handle.hpp"
#include "core/base/file.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <semaphore>
#include <stop_token>

namespace mapctl::connectors::duckdb {

// The one DuckDB of the process that all sessions open at a time share, so that its memory and
// its threads are bounded however many of them there are. It lives in memory, reaches nothing but
// the files it is shown (no network, no extensions from elsewhere, nothing of the user's home
// folder) and spills to a folder of its own, removed with it. Any thread may use it.
class Engine {
 public:
  static constexpr std::int64_t memory_megabytes = 192;
  // Scans at once; each of them uses several threads.
  static constexpr int scans = 2;

  // The running one, or a new one: that takes some 15 ms.
  static std::shared_ptr<Engine> shared();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void connect(ConnectionHandle& connection);
  const std::filesystem::path& directory() const noexcept { return directory_.path(); }

  // Raises the limit for as long as the engine lives; never lowers it.
  void allow_megabytes(std::int64_t megabytes);

  // Held during a scan of a whole table: many at once would not fit the memory.
  class ScanPermit {
   public:
    explicit ScanPermit(std::shared_ptr<Engine> engine) noexcept : engine_{std::move(engine)} {}
    ScanPermit(ScanPermit&& other) noexcept = default;
    ScanPermit& operator=(ScanPermit&&) = delete;
    ~ScanPermit() {
      if (engine_) {
        engine_->scanning_.release();
      }
    }

   private:
    std::shared_ptr<Engine> engine_;
  };
  // Waits for its turn; throws Error::cancelled. A thread asks for one at a time.
  static ScanPermit scan(std::shared_ptr<Engine> engine, const std::stop_token& stop);

 private:
  Engine();

  TemporaryDirectory directory_;
  DatabaseHandle database_;
  std::mutex limit_mutex_;
  std::int64_t limit_megabytes_ = memory_megabytes;
  std::counting_semaphore<scans> scanning_{scans};
};

}  // namespace mapctl::connectors::duckdb
