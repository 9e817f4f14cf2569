// SPDX-License-Identifier: Apache-2.0
#include "connectors/postgres/statistics.hpp"

#include "connectors/postgres/binary.hpp"
#include "connectors/postgres/reader.hpp"
#include "connectors/postgres/values.hpp"
#include "core/base/error.hpp"
#include "core/catalog/profiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::postgres {
namespace {

// Of a binary value as much is looked at.
constexpr std::int64_t binary_prefix = 64;
// Up to here every page is read for an even sample, beyond whole pages are drawn.
constexpr double even_sample_limit = 2'000'000;
// Larger tables are not read whole, not even by the server.
constexpr double whole_table_limit = 20'000'000;
// The server takes 1,664 expressions in a list of a SELECT; a column needs three.
constexpr std::size_t columns_at_once = 500;
constexpr std::size_t shown_characters = 256;

class TablePass {
 public:
  explicit TablePass(std::size_t columns) : profilers_(columns) {}

  void add(const std::vector<std::optional<std::string_view>>& row) {
    for (std::size_t i = 0; i < profilers_.size(); ++i) {
      row[i] ? profilers_[i].add(*row[i]) : profilers_[i].add_null();
    }
    ++rows_;
  }
  std::int64_t rows() const noexcept { return rows_; }

  void finish(catalog::Table& table, bool sampled) const {
    for (std::size_t i = 0; i < profilers_.size(); ++i) {
      catalog::ColumnStatistics statistics = profilers_[i].finish();
      statistics.sampled = sampled;
      table.columns[i].statistics = std::move(statistics);
    }
  }

 private:
  std::vector<catalog::ColumnProfiler> profilers_;
  std::int64_t rows_ = 0;
};

// What the planner makes of the file's present size; the catalog may know nothing, or be old.
std::optional<double> planned_rows(Connection& connection, const std::string& table) {
  const Answer plan{connection, "EXPLAIN SELECT 1 FROM " + table};
  const std::string_view line = plan.rows() > 0 ? plan.text(0, 0) : std::string_view{};
  const std::size_t at = line.find(" rows=");
  return at == line.npos ? std::nullopt : std::optional{read_real(line.substr(at + 6))};
}

bool can_be_sampled(const Relation& relation) noexcept {
  return relation.kind == 'r' || relation.kind == 'p' || relation.kind == 'm';
}

class Profile {
 public:
  Profile(Connection& connection, const Source& source, Relation& relation,
          const ports::DiscoveryScope& scope)
      : connection_{connection},
        source_{source},
        relation_{relation},
        scope_{scope},
        dialect_{source.dialect(connection)},
        limit_{std::max<std::int64_t>(1, scope.statistics_rows)},
        name_{quote_table(relation.ref())},
        pass_{relation.reading.size()} {}

  void run() {
    {
      ReadTransaction transaction{connection_, source_.begin(connection_)};
      if (dialect_ == Dialect::postgresql && can_be_sampled(relation_)) {
        estimate_ = planned_rows(connection_, name_);
        if (estimate_ && *estimate_ > static_cast<double>(limit_) &&
            *estimate_ <= whole_table_limit) {
          // A plan may be far off where the table was never looked at, and the sample with it.
          const Answer count{connection_, "SELECT count(*) FROM " + name_};
          estimate_ = static_cast<double>(count.integer(0, 0));
        }
      } else if (relation_.table.row_count) {
        estimate_ = static_cast<double>(*relation_.table.row_count);
      }
      read_sample();
      transaction.commit();
    }
    pass_.finish(relation_.table, is_sampled_);
    if (!is_sampled_) {
      relation_.table.row_count = pass_.rows();
      relation_.table.row_count_is_estimate = false;
    } else if (can_be_sampled(relation_) &&
               estimate_.value_or(whole_table_limit) < whole_table_limit) {
      look_at_whole_table();
    }
    for (catalog::Column& column : relation_.table.columns) {
      if (scope_.protect_personal_data) {
        catalog::protect_personal_data(column, relation_.table.name);
      }
    }
  }

 private:
  void read_sample() {
    Selection selection{relation_.reading, name_, {}, binary_prefix};
    double share = estimate_ ? static_cast<double>(limit_) / *estimate_ : 1;
    if (share < 1 && can_be_sampled(relation_)) {
      // A little less, as a limit that cuts the sample would leave out the table's end.
      share *= std::max(0.5, 1 - 3 / std::sqrt(static_cast<double>(limit_)));
      is_sampled_ = true;
      selection.rest = fmt::format("LIMIT {}", limit_);
      if (dialect_ == Dialect::redshift) {
        connection_.run("SET seed TO 0.5");
        selection.rest = fmt::format("WHERE random() < {:.9f} LIMIT {}", share, limit_);
      } else {
        selection.from +=
            fmt::format(" TABLESAMPLE {} ({:.7f}) REPEATABLE (1)",
                        *estimate_ <= even_sample_limit ? "BERNOULLI" : "SYSTEM", share * 100);
      }
      read_rows(selection);
      if (pass_.rows() > 0) {
        return;
      }
      selection.from = name_;  // nothing was drawn from few pages
    }
    // One row more says whether there are more.
    selection.rest = fmt::format("LIMIT {}", limit_ + 1);
    is_sampled_ = read_rows(selection);
  }

  // True when there were more rows than the limit.
  bool read_rows(const Selection& selection) {
    const auto rows = stream_rows(connection_, dialect_, selection);
    std::vector<std::optional<std::string_view>> row;
    bool has_more = false;
    while (rows->next(row)) {
      if (pass_.rows() < limit_) {
        pass_.add(row);
      } else {
        has_more = true;
      }
    }
    return has_more;
  }

  enum class Range : std::uint8_t { none, plain, by_bytes };

  // Whether the smallest value by the server's order is the one that the sample's figure means.
  Range range_of(std::size_t column) const {
    const ReadColumn& read = relation_.reading[column];
    switch (decoder_of(read.type, read.kind)) {
      case Decoder::int2:
      case Decoder::int4:
      case Decoder::int8:
      case Decoder::float4:
      case Decoder::float8:
      case Decoder::numeric:
      case Decoder::date:
      case Decoder::time:
      case Decoder::timestamp:
      case Decoder::timestamptz: return Range::plain;
      case Decoder::as_is: {
        constexpr Oid json_type = 114;
        const bool is_number = relation_.table.columns[column].statistics->mean.has_value();
        return read.kind == 'e' || read.type == json_type || is_number ? Range::none
                                                                       : Range::by_bytes;
      }
      default: return Range::none;
    }
  }

  void look_at_whole_table() {
    try {
      ReadTransaction transaction{connection_, source_.begin(connection_)};
      for (std::size_t first = 0; first < relation_.reading.size(); first += columns_at_once) {
        look_at_columns(first, std::min(first + columns_at_once, relation_.reading.size()));
      }
      transaction.commit();
    } catch (const Error& problem) {
      // The sample's figures stand where the server has no time for more.
      if (problem.code() != ErrorCode::busy && problem.code() != ErrorCode::resource_limit) {
        throw;
      }
    }
  }

  void look_at_columns(std::size_t first, std::size_t end) {
    std::string list = "count(*)";
    for (std::size_t i = first; i < end; ++i) {
      const std::string name = quote_identifier(relation_.reading[i].name.text);
      list += fmt::format(", count({})", name);
      if (const Range range = range_of(i);
          range != Range::none && dialect_ == Dialect::postgresql) {
        const char* collation = range == Range::by_bytes ? " COLLATE \"C\"" : "";
        list += fmt::format(", left(min({0}{1})::text, {2}), left(max({0}{1})::text, {2})", name,
                            collation, shown_characters + 1);
      } else {
        list += ", NULL, NULL";
      }
    }
    const Answer answer{connection_, fmt::format("SELECT {} FROM {}", list, name_)};
    const std::int64_t count = answer.integer(0, 0);
    relation_.table.row_count = count;
    relation_.table.row_count_is_estimate = false;
    for (std::size_t i = first; i < end; ++i) {
      const int place = 1 + 3 * static_cast<int>(i - first);
      catalog::ColumnStatistics& statistics = *relation_.table.columns[i].statistics;
      if (count > 0) {
        const double nulls = static_cast<double>(count - answer.integer(0, place));
        statistics.null_share = std::round(nulls / static_cast<double>(count) * 1e6) / 1e6;
      }
      if (!answer.is_null(0, place + 1)) {
        set_range(statistics, answer.string(0, place + 1), answer.string(0, place + 2));
      }
    }
  }

  static void set_range(catalog::ColumnStatistics& statistics, std::string least,
                        std::string most) {
    if (least.size() > shown_characters || most.size() > shown_characters) {
      return;  // the sample's are cut to be shown
    }
    if (!statistics.quantiles.empty()) {
      statistics.quantiles.front() = read_real(least);
      statistics.quantiles.back() = read_real(most);
    }
    statistics.minimum = std::move(least);
    statistics.maximum = std::move(most);
  }

  Connection& connection_;
  const Source& source_;
  Relation& relation_;
  const ports::DiscoveryScope& scope_;
  Dialect dialect_;
  std::int64_t limit_;
  std::string name_;
  TablePass pass_;
  std::optional<double> estimate_{};
  bool is_sampled_ = false;
};

}  // namespace

void profile_relation(Connection& connection, const Source& source, Relation& relation,
                      const ports::DiscoveryScope& scope) {
  Profile{connection, source, relation, scope}.run();
}

}  // namespace mapctl::connectors::postgres
