// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <duckdb.h>

namespace mapctl::connectors::duckdb {

// The C API takes the address of a handle and nulls it, so unique_ptr does not fit.
template <class T, auto Release>
class DuckHandle {
 public:
  DuckHandle() = default;
  DuckHandle(DuckHandle&& other) noexcept : raw_{other.raw_} { other.raw_ = nullptr; }
  DuckHandle& operator=(DuckHandle&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = other.raw_;
      other.raw_ = nullptr;
    }
    return *this;
  }
  ~DuckHandle() { reset(); }

  T get() const noexcept { return raw_; }
  // For a call that fills the handle.
  T* out() noexcept {
    reset();
    return &raw_;
  }
  void reset() noexcept {
    if (raw_ != nullptr) {
      Release(&raw_);
      raw_ = nullptr;
    }
  }

 private:
  T raw_ = nullptr;
};

using DatabaseHandle = DuckHandle<duckdb_database, &duckdb_close>;
using ConnectionHandle = DuckHandle<duckdb_connection, &duckdb_disconnect>;
using ConfigHandle = DuckHandle<duckdb_config, &duckdb_destroy_config>;
using StatementHandle = DuckHandle<duckdb_prepared_statement, &duckdb_destroy_prepare>;
using PendingHandle = DuckHandle<duckdb_pending_result, &duckdb_destroy_pending>;
using ChunkHandle = DuckHandle<duckdb_data_chunk, &duckdb_destroy_data_chunk>;
using LogicalTypeHandle = DuckHandle<duckdb_logical_type, &duckdb_destroy_logical_type>;

// A result is a struct, not a pointer.
class ResultHandle {
 public:
  ResultHandle() = default;
  ResultHandle(const ResultHandle&) = delete;
  ResultHandle& operator=(const ResultHandle&) = delete;
  ~ResultHandle() { duckdb_destroy_result(&raw_); }
  duckdb_result* get() noexcept { return &raw_; }

 private:
  duckdb_result raw_{};
};

}  // namespace mapctl::connectors::duckdb
