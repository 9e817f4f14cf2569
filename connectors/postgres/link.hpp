// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/connection.hpp"
#include "connectors/postgres/row_block.hpp"
#include "connectors/postgres/url.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mapctl::connectors::postgres {

// A statement whose rows still come through the connection.
class Streaming {
 public:
  virtual ~Streaming() = default;
  // Takes the rows that are left off the connection, for another statement needs it.
  virtual void keep_rest() = 0;
};

// What a session and its statements share: the connection, what is prepared on it, whose turn it
// is, and the statements sent ahead. One at a time: either rows are streaming, or statements were
// sent ahead, or nothing is under way.
class Link {
 public:
  Link(const Url& url, std::stop_token stop);

  Connection& connection() noexcept { return connection_; }
  bool prepares() const noexcept { return !url_.pgbouncer; }
  const std::string& tenant() const noexcept { return tenant_; }
  void use_tenant(std::string_view id) { tenant_ = id; }
  const std::string& schema() const noexcept { return url_.schema; }
  bool in_transaction = false;
  std::int64_t changes = 0;

  // Makes the connection free for something else, and anew when it was lost outside a transaction.
  // Throws what went wrong with statements that were sent ahead.
  void make_ready();
  // SELECT ... that puts this session's settings in force until the transaction ends, or "".
  std::string local_settings() const;

  // Sends a statement; its rows are read with next_row() and end with finish().
  void start(Streaming& who, const std::string& sql, const Parameters& parameters);
  // The next row, or null at the end, which frees the connection. Throws.
  ResultHandle next_row();
  // The types of a statement's columns; inside a transaction.
  std::vector<Oid> column_types(const std::string& sql);
  // Sends a COPY ... TO STDOUT; its rows are read with next_copied(). Inside a transaction.
  void start_copy(Streaming& who, const std::string& sql);
  // The bytes of the next row, valid until the next call; nothing at the end, which frees the
  // connection. Throws.
  std::optional<std::string_view> next_copied();
  // Sends a statement without waiting for it.
  void post(const std::string& sql, const Parameters& parameters);
  // Keeps a row of an INSERT ... VALUES until there are enough for one statement, or until
  // anything else is done.
  void post_row(const std::string& sql, const Parameters& parameters);
  // Takes what is under way off the connection, whatever it is, and forgets it. Closes the
  // connection when that fails.
  void abandon() noexcept;
  void forget(const Streaming& who) noexcept;

 private:
  void clear_way();
  void send(const std::string& sql, const Parameters& parameters, const std::vector<Oid>& types);
  void send_settings();
  // `types` of the parameters, where the text does not say them.
  void post_now(const std::string& sql, const Parameters& parameters,
                const std::vector<Oid>& types = {});
  void post_rows();
  void post_rows(RowBlock& block);
  std::vector<Oid> parameter_types(const std::string& sql);
  ResultHandle describe(const std::string& sql);
  void finish_posts();
  void read_answer();
  void read_ahead_of_rows();
  void finish_rows();
  void leave_pipeline();
  const std::string* prepared_name(const std::string& sql);

  Url url_;
  Connection connection_;
  std::string tenant_{};
  // What is in force on the connection beyond transactions; nothing when nobody knows.
  std::optional<std::string> tenant_of_connection_{};
  std::optional<std::string> tenant_being_set_{};     // by the statement under way
  std::unordered_map<std::string, RowBlock> rows_{};  // by SQL
  bool has_rows_ = false;
  Streaming* streaming_ = nullptr;
  bool is_copying_ = false;  // what is streaming
  bool in_pipeline_ = false;
  std::size_t unread_ = 0;  // statements sent through the pipeline whose results were not read
  std::uint64_t prepared_generation_ = 0;
  std::unordered_map<std::string, std::string> prepared_{};  // SQL to name
  // Never used again: a statement whose answer was not seen may be there all the same.
  std::uint64_t names_given_ = 0;
  std::vector<std::string> preparing_{};  // sent, answer not yet seen
};

}  // namespace mapctl::connectors::postgres
