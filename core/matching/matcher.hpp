// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/catalog/table.hpp"
#include "core/mapping/proposal.hpp"
#include "core/matching/columns/prepare.hpp"
#include "core/matching/knowledge.hpp"
#include "core/matching/scoring/column_pair.hpp"
#include "core/matching/scoring/match_options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace mapctl::matching {

class Calibration;
class Memory;
struct Side;

// What a tenant's past decisions bring in, and how the registry names the two sides. Without memory
// none is cited, without a calibration confidences stay as they are.
struct Remembered {
  std::shared_ptr<const Memory> memory{};
  std::shared_ptr<const Calibration> calibration{};
  std::string connector{};  // of the source
  std::string target{};     // endpoint of targets that are not canonical
};

struct TablePair {
  catalog::TableRef source{};
  catalog::TableRef target{};
  double confidence = 0;
  std::vector<mapping::Evidence> evidence{};
};

// What match_all() is to find: measuring wants more than the decisions.
enum class Findings : std::uint8_t { decisions, all };

struct ColumnRanking {
  // As match() decides, across tables: a target column is decided once for each source table. A
  // rule of several columns is a pair for each of them.
  std::vector<ColumnPair> decided{};
  // What memory alone says, by source column, best first.
  std::vector<ColumnPair> recalled{};
  // Of Findings::all:
  std::vector<ColumnPair> scored{};    // by source column, best first
  std::vector<ColumnPair> assigned{};  // as decided, were every confidence enough
};

// Stateless but for its options; every member may be called from several threads at once.
class Matcher {
 public:
  Matcher(Knowledge knowledge, MatchOptions options, Remembered remembered = {});
  ~Matcher();

  // Candidates and decisions for one table pair. Throws Error::not_found for a table that a side
  // does not have, cancelled when stopped.
  mapping::PairProposal match(const Prepared& source, const catalog::TableRef& source_table,
                              const Prepared& target, const catalog::TableRef& target_table,
                              std::stop_token stop) const;

  // The same where the target table is one that rank_tables() found among others: nothing is surer
  // than that choice, but what people decided of the very field.
  mapping::PairProposal match_chosen(const Prepared& source, const TablePair& chosen,
                                     const Prepared& target, std::stop_token stop) const;

  // The target tables that may hold what the source table holds, best first; at most `top`. Empty
  // when none is likely enough (`target: auto` then ends as a job without target).
  std::vector<TablePair> rank_tables(const Prepared& source, const catalog::TableRef& source_table,
                                     const Prepared& target, std::size_t top,
                                     std::stop_token stop) const;

  // All tables of both sides at once: which column anywhere in the source is which anywhere in the
  // target. For sides of some thousand columns.
  ColumnRanking match_all(const Prepared& source, const Prepared& target, Findings findings,
                          std::stop_token stop) const;

 private:
  mapping::PairProposal match(const Side& from, const Side& to, const TablePair* chosen,
                              std::stop_token stop) const;

  Knowledge knowledge_;
  MatchOptions options_;
  Remembered remembered_;
};

}  // namespace mapctl::matching
