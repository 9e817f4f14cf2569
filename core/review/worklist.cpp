// SPDX-License-Identifier: Apache-2.0
#include "core/review/worklist.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/mapping/find_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace mapctl::review {
namespace {

using mapping::MappingStatus;
using mapping::ReviewColumn;
using mapping::ReviewStatus;

// Runs that are asked for the reasons of a mapping, newest first.
constexpr std::size_t runs_asked = 20;
constexpr std::size_t pairs_kept = 16;

bool passes(const std::string& glob, const std::string& name) {
  return glob.empty() || glob_match(glob, name, true);
}

void lay_over(Item& item, const registry::ReviewRecord& record) {
  item.assignee = std::string{record.text(ReviewColumn::reviewer)};
  item.reason_code = std::string{record.text(ReviewColumn::reason_code)};
  item.equivalence = std::string{record.text(ReviewColumn::equivalence)};
  if (record.written.contains("comment")) {
    item.comment = std::string{record.text(ReviewColumn::comment)};
  }
  if (item.mapping.status == MappingStatus::pending_review) {
    if (const auto flag = mapping::review_status_from(record.flag)) {
      item.status = *flag;
    }
  }
}

bool passes(const Item& item, const ItemFilter& filter) {
  const mapping::MappingKey& key = item.mapping.key;
  return passes(filter.connector, key.connector.text) && passes(filter.entity, key.entity.text) &&
         passes(filter.table, key.source_table.text) &&
         (filter.statuses.empty() || std::find(filter.statuses.begin(), filter.statuses.end(),
                                               item.status) != filter.statuses.end()) &&
         (!filter.min_confidence || item.mapping.confidence >= *filter.min_confidence) &&
         (!filter.max_confidence || item.mapping.confidence <= *filter.max_confidence) &&
         (!filter.assignee || *filter.assignee == item.assignee) && matches(item, filter.search);
}

std::vector<Item> pick(const std::vector<Item>& items, const std::vector<std::string>& names) {
  std::vector<mapping::MappingId> ids;
  for (const Item& item : items) {
    ids.push_back(item.mapping.id);
  }
  std::vector<Item> picked;
  for (const std::string& name : names) {
    picked.push_back(items[mapping::find_id(ids, name)]);
  }
  return picked;
}

}  // namespace

bool ItemFilter::is_empty() const noexcept {
  return connector.empty() && entity.empty() && table.empty() && statuses.empty() &&
         !min_confidence && !max_confidence && !assignee && ids.empty() && search.empty();
}

bool matches(const Item& item, std::string_view text) {
  if (text.empty()) {
    return true;
  }
  const std::string wanted = to_lower(text);
  const mapping::MappingKey& key = item.mapping.key;
  for (const std::string* name :
       {&key.connector.text, &key.source_table.text, &key.source_field.text, &key.entity.text,
        &key.field.text, &item.comment, &item.assignee}) {
    if (to_lower(*name).find(wanted) != std::string::npos) {
      return true;
    }
  }
  return false;
}

namespace {

// With what reviewers said; `pair` restricts the reading, `filter` what is kept of it.
std::vector<Item> collect(registry::Registry& registry, const registry::MappingFilter& pair,
                          const ItemFilter& filter) {
  std::unordered_map<std::string, registry::ReviewRecord> records;
  std::set<std::tuple<std::string, std::string, std::string>> not_used;
  registry::Reviews reviews{registry};
  const registry::ReviewFilter of_pair{pair.connector, pair.source_table, pair.entity};
  for (registry::ReviewRecord& record : reviews.records(of_pair)) {
    std::string id = record.id;
    records.emplace(std::move(id), std::move(record));
  }
  for (const registry::DispositionRecord& record : reviews.dispositions(of_pair)) {
    not_used.emplace(record.connector.text, record.source_table.text, record.source_field.text);
  }
  std::vector<Item> items;
  registry.for_each_mapping(pair, [&](const mapping::FieldMapping& mapping) {
    Item item;
    item.mapping = mapping;
    item.status = mapping::review_status_of(mapping.status);
    item.comment = mapping.notes;
    if (const auto found = records.find(mapping.id.text); found != records.end()) {
      lay_over(item, found->second);
    }
    if (item.status == ReviewStatus::rejected &&
        not_used.contains({mapping.key.connector.text, mapping.key.source_table.text,
                           mapping.key.source_field.text})) {
      item.status = ReviewStatus::not_used;
    }
    if (passes(item, filter)) {
      items.push_back(std::move(item));
    }
  });
  return items;
}

}  // namespace

std::vector<Item> load_items(registry::Registry& registry, const ItemFilter& filter) {
  std::vector<Item> items = collect(registry, {}, filter);
  return filter.ids.empty() ? items : pick(items, filter.ids);
}

Item load_item(registry::Registry& registry, const mapping::FieldMapping& mapping) {
  registry::MappingFilter pair;
  pair.connector = mapping.key.connector;
  pair.source_table = mapping.key.source_table;
  pair.entity = mapping.key.entity;
  return pick(collect(registry, pair, {}), {mapping.id.text}).front();
}

registry::ReviewChange status_change(const Item& item, ReviewStatus status,
                                     std::string_view reason) {
  registry::ReviewChange change;
  change.key = item.mapping.key;
  change.set[ReviewColumn::status] = std::string{to_string(status)};
  change.reason = std::string{reason};
  change.expected_version = item.mapping.version;
  return change;
}

registry::ReviewChange value_change(const Item& item, ReviewColumn column, std::string_view text) {
  registry::ReviewChange change;
  change.key = item.mapping.key;
  change.set[column] = std::string{text};
  change.expected_version = item.mapping.version;
  return change;
}

std::size_t Progress::count(ReviewStatus status) const noexcept {
  const auto found = by_status.find(status);
  return found == by_status.end() ? 0 : found->second;
}

std::size_t Progress::decided() const noexcept {
  return count(ReviewStatus::approved) + count(ReviewStatus::rejected) +
         count(ReviewStatus::not_used);
}

double Progress::share() const noexcept {
  return total == 0 ? 1.0 : static_cast<double>(decided()) / static_cast<double>(total);
}

void Progress::add(const Item& item) {
  ++by_status[item.status];
  ++total;
}

std::map<std::string, Progress> progress_by(const std::vector<Item>& items, GroupBy group) {
  std::map<std::string, Progress> groups;
  for (const Item& item : items) {
    if (item.status == ReviewStatus::deprecated) {
      continue;
    }
    const mapping::MappingKey& key = item.mapping.key;
    switch (group) {
      case GroupBy::connector: groups[key.connector.text].add(item); break;
      case GroupBy::table:
        groups[fmt::format("{}: {}", key.connector.text, key.source_table.text)].add(item);
        break;
      case GroupBy::entity: groups[key.entity.text].add(item); break;
      case GroupBy::assignee: groups[item.assignee].add(item); break;
    }
  }
  return groups;
}

const registry::StoredPair* EvidenceSource::pair_of(const mapping::FieldMapping& mapping) {
  const Pair name{mapping.key.connector.text, mapping.key.source_table.text,
                  mapping.key.entity.text};
  if (const auto known = pairs_.find(name); known != pairs_.end()) {
    return known->second ? &*known->second : nullptr;
  }
  if (pairs_.size() >= pairs_kept) {
    pairs_.clear();
  }
  std::optional<registry::StoredPair>& found = pairs_[name];
  for (const registry::RunRecord& run : registry_.runs(runs_asked)) {
    for (const registry::JobRecord& job : registry_.jobs_of(run.id)) {
      if (job.status != registry::JobStatus::done ||
          job.source_endpoint != mapping.key.connector.text ||
          catalog::to_string(job.source_table) != mapping.key.source_table.text) {
        continue;
      }
      const std::string& entity = mapping.key.entity.text;
      if (registry::entity_name(job.target_endpoint, job.target_table, true).text == entity ||
          registry::entity_name(job.target_endpoint, job.target_table, false).text == entity) {
        found = registry_.pair(run.id, job.position);
        return found ? &*found : nullptr;
      }
    }
  }
  return nullptr;
}

EvidenceSource::Found EvidenceSource::find(const mapping::FieldMapping& mapping) {
  Found found;
  const registry::StoredPair* pair = pair_of(mapping);
  if (pair == nullptr) {
    return found;
  }
  found.signal_names = pair->signal_names;
  for (const mapping::FieldProposal& field : pair->proposal.fields) {
    if (field.source_column.text != mapping.key.source_field.text) {
      continue;
    }
    for (const mapping::Candidate& candidate : field.candidates) {
      if (candidate.target_column.text == mapping.key.field.text) {
        found.evidence = candidate.evidence;
        found.warnings = candidate.warnings;
      } else {
        found.others.emplace_back(candidate.target_column.text, candidate.confidence);
      }
    }
  }
  return found;
}

}  // namespace mapctl::review
