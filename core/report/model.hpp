// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"
#include "core/base/named.hpp"
#include "core/batch/outcome.hpp"
#include "core/catalog/table.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/proposal.hpp"
#include "core/mapping/review.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mapctl::report {

using mapping::Equivalence;
using mapping::equivalence_from;
using mapping::mapping_status_of;
using mapping::review_status_from;
using mapping::review_status_of;
using mapping::ReviewStatus;
using mapping::to_string;

// What the registry knows about one mapping. `target` is empty for a source column that is
// unmapped on purpose or still open; `source` for a target column that is fed a constant, or
// decided about while nothing feeds it.
struct FieldRecord {
  catalog::ColumnName source{};
  catalog::ColumnName target{};
  mapping::MappingId id{};
  ReviewStatus status = ReviewStatus::proposed;
  std::optional<Equivalence> equivalence{};  // nothing: derived from types and warnings
  int version = 1;
  std::string decided_by{}, decided_at{};  // of the last decision, if there was one
  std::string reviewer{}, reason{}, comment{};
  // What reviewers wrote of the columns that may be edited, by their key (mapping::review_columns);
  // it stands instead of what follows from the proposal.
  std::map<std::string, std::string, std::less<>> written{};
  // The same of the codes that its values become, by source value.
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> codes{};
  bool later = false;  // put off, which is a decision too: of a column without counterpart
};

// One side of a pair.
struct PairSide {
  std::string endpoint{};   // profile name or inline URL without secrets
  std::string connector{};  // "sqlite", "file", "canonical"
  catalog::TableRef ref{};
  catalog::Table table{};
};

struct PairReport {
  std::size_t number = 0;  // from 1, in the order of the plan
  PairSide source{};
  PairSide target{};
  // Together with the columns these give a mapping its id (mapping::mapping_id).
  mapping::ConnectorName connector{};
  mapping::EntityName entity{};
  // As the registry names the source table; empty: the table with its schema.
  catalog::TableName source_name{};
  mapping::PairProposal proposal{};  // empty when the job failed
  batch::JobOutcome outcome{};
  std::vector<FieldRecord> records{};  // may be empty
  // Some fields were filtered out: what is unmapped stands in the proposal and does not follow
  // from the fields.
  bool is_partial = false;

  const FieldRecord* find(const catalog::ColumnName& source_column,
                          const catalog::ColumnName& target_column) const noexcept;
};

enum class Severity : std::uint8_t { error, warning, question };
std::string_view to_string(Severity severity) noexcept;

struct Issue {
  Severity severity = Severity::warning;
  std::string subject{};  // "Account.Phone", "contact.email", an endpoint
  std::string message{};
  std::string hint{};
  // Line of the pair it is about: mapping rows from 0, then unmapped targets.
  std::optional<std::size_t> line{};
};

// What happened as a whole. Everything that is not a pair.
struct RunReport {
  RunId run{};
  std::string name{};  // of the plan: "crm-to-canonical"
  TenantName tenant{};
  std::string source{}, target{};  // the plan's default endpoints
  std::string registry_version{};
  std::string export_id{};  // empty: derived from run, tenant, registry version and time
  TimePoint generated_at{};
  std::string tool_version{};
  std::string plan{};    // path or name, for people
  std::string status{};  // "done", "failed", ...
  std::string started_at{}, finished_at{};
  double seconds = 0;
  std::vector<Issue> issues{};  // beyond those that follow from the pairs
};
std::string export_id_of(const RunReport& run);

// The pairs of a run, one at a time, so that a run larger than memory can be reported. Writers go
// through them several times; the order and the content must be the same each time.
class PairSource {
 public:
  virtual ~PairSource() = default;
  virtual void rewind() = 0;
  // The next pair, valid until the next call, or null at the end.
  virtual const PairReport* next() = 0;
};

// Pairs that are in memory. The vector must outlive the source.
class PairList final : public PairSource {
 public:
  explicit PairList(const std::vector<PairReport>& pairs) : pairs_{&pairs} {}
  void rewind() override { at_ = 0; }
  const PairReport* next() override { return at_ < pairs_->size() ? &(*pairs_)[at_++] : nullptr; }

 private:
  const std::vector<PairReport>* pairs_;
  std::size_t at_ = 0;
};

// What to leave out. Empty patterns and lists let everything pass.
struct Filter {
  std::string source{};  // glob over endpoint, table or schema.table of the source
  std::string entity{};  // glob over table, schema.table or entity name of the target
  std::vector<ReviewStatus> statuses{};
  double min_confidence = 0;  // of a decision; above 0 source fields without decision are left out
  bool passes_everything() const noexcept;
};

// The pairs of another source as far as a filter lets them pass. Pairs that do not match are
// skipped; within a pair, fields that do not match are left out.
class FilteredPairs final : public PairSource {
 public:
  FilteredPairs(PairSource& pairs, Filter filter) : pairs_{&pairs}, filter_{std::move(filter)} {}
  void rewind() override { pairs_->rewind(); }
  const PairReport* next() override;

 private:
  PairSource* pairs_;
  Filter filter_;
  PairReport current_{};
};

// Where exports write, piece by piece.
using Output = std::function<void(std::string_view)>;

}  // namespace mapctl::report
