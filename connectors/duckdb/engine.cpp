// SPDX-License-Identifier: Apache-2.0
#include "connectors/duckdb/engine.hpp"

#include "connectors/duckdb/errors.hpp"
#include "core/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

namespace mapctl::connectors::duckdb {
namespace {

void set_option(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) == DuckDBError) {
    throw Error{ErrorCode::internal,
                fmt::format("DuckDB does not take option '{}' = '{}'", name, value)};
  }
}

unsigned worker_threads() {
#if defined(__SANITIZE_THREAD__)
  // DuckDB is not compiled with the thread sanitizer, which sees its locks but not its atomics and
  // so reports what its own threads share. Ours are watched all the same.
  return 1;
#else
  return std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
#endif
}

}  // namespace

std::shared_ptr<Engine> Engine::shared() {
  static std::mutex mutex;
  static std::weak_ptr<Engine> running;
  const std::lock_guard lock{mutex};
  auto engine = running.lock();
  if (!engine) {
    engine = std::shared_ptr<Engine>{new Engine};
    running = engine;
  }
  return engine;
}

Engine::Engine() {
  const auto folder = [&](const char* name) {
    const auto path = directory() / name;
    std::filesystem::create_directory(path);
    return path.string();
  };

  ConfigHandle config;
  if (duckdb_create_config(config.out()) == DuckDBError) {
    throw Error{ErrorCode::resource_limit, "DuckDB could not be set up"};
  }
  const auto home = folder("home");
  set_option(config.get(), "memory_limit", fmt::format("{}MB", memory_megabytes));
  set_option(config.get(), "threads", std::to_string(worker_threads()));
  set_option(config.get(), "temp_directory", folder("spill"));
  set_option(config.get(), "extension_directory", home);
  set_option(config.get(), "secret_directory", home);
  set_option(config.get(), "autoinstall_known_extensions", "false");
  set_option(config.get(), "autoload_known_extensions", "false");
  set_option(config.get(), "allow_community_extensions", "false");
  set_option(config.get(), "preserve_insertion_order", "true");

  char* message = nullptr;
  if (duckdb_open_ext(nullptr, database_.out(), config.get(), &message) == DuckDBError) {
    const std::string cause = message != nullptr ? first_line(message) : "no reason given";
    duckdb_free(message);
    throw Error{ErrorCode::resource_limit, "DuckDB could not be started: " + cause};
  }
}

void Engine::connect(ConnectionHandle& connection) {
  if (duckdb_connect(database_.get(), connection.out()) == DuckDBError) {
    throw Error{ErrorCode::resource_limit, "DuckDB gave no connection"};
  }
}

void Engine::allow_megabytes(std::int64_t megabytes) {
  const std::lock_guard lock{limit_mutex_};
  if (megabytes <= limit_megabytes_) {
    return;
  }
  ConnectionHandle connection;
  connect(connection);
  ResultHandle result;
  const auto sql = fmt::format("SET GLOBAL memory_limit = '{}MB'", megabytes);
  if (duckdb_query(connection.get(), sql.c_str(), result.get()) == DuckDBError) {
    throw DuckError{duckdb_result_error(result.get())};
  }
  limit_megabytes_ = megabytes;
}

Engine::ScanPermit Engine::scan(std::shared_ptr<Engine> engine, const std::stop_token& stop) {
  while (!engine->scanning_.try_acquire_for(std::chrono::milliseconds{50})) {
    if (stop.stop_requested()) {
      throw Error{ErrorCode::cancelled, "reading files was cancelled"};
    }
  }
  return ScanPermit{std::move(engine)};
}

}  // namespace mapctl::connectors::duckdb
