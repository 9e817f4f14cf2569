// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/postgres/row_block.hpp"
#include "core/ports/sql_session.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mapctl::connectors::postgres {

// What statements of a session have in common: their text and the values bound to it.
class BoundStatement : public ports::SqlStatement {
 public:
  using ports::SqlStatement::bind;

  explicit BoundStatement(std::string_view sql);

  void bind(int parameter, std::string_view value) override;
  void bind(int parameter, std::int64_t value) override;
  void bind(int parameter, double value) override;
  void bind_null(int parameter) override;
  void bind_bytes(int parameter, std::string_view bytes) override;

 protected:
  const std::string& sql() const noexcept { return sql_; }
  const Parameters& parameters() const noexcept { return parameters_; }

 private:
  Parameters::Value& value_at(int parameter);
  void set(int parameter, std::string_view value, bool is_binary);

  std::string sql_;
  Parameters parameters_{};
};

}  // namespace mapctl::connectors::postgres
