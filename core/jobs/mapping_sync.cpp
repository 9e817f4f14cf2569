// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/mapping_sync.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/mapping/transform_text.hpp"
#include "core/registry/evidence.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace mapctl::jobs {
namespace {

using mapping::DocumentEntity;
using mapping::DocumentEntry;
using mapping::EntryChange;
using Action = SyncChange::Action;

struct EntryRef {
  const DocumentEntity* entity = nullptr;
  const DocumentEntry* entry = nullptr;
  bool found = false;
  auto key() const noexcept {
    return std::tuple{std::string_view{entity->name.text}, std::string_view{entry->source.text},
                      std::string_view{entry->field.text}};
  }
};

// Entries of one file, to be found by what the registry calls them.
class EntryIndex {
 public:
  explicit EntryIndex(const mapping::MappingDocument& document) {
    refs_.reserve(document.mappings());
    for (const DocumentEntity& entity : document.entities) {
      for (const DocumentEntry& entry : entity.entries) {
        refs_.push_back({&entity, &entry, false});
      }
    }
    std::sort(refs_.begin(), refs_.end(),
              [](const EntryRef& left, const EntryRef& right) { return left.key() < right.key(); });
  }
  EntryRef* find(const registry::StoredRule& rule) noexcept {
    const std::tuple wanted{rule.entity, rule.source_field, rule.field};
    const auto found =
        std::lower_bound(refs_.begin(), refs_.end(), wanted,
                         [](const EntryRef& ref, const auto& key) { return ref.key() < key; });
    return found != refs_.end() && found->key() == wanted ? &*found : nullptr;
  }
  std::vector<EntryRef>& refs() noexcept { return refs_; }

 private:
  std::vector<EntryRef> refs_;
};

mapping::MappingKey key_of(const MappingFile& file, const registry::StoredRule& rule) {
  return {file.connector(), catalog::TableName{std::string{rule.source_table}},
          mapping::FieldPath{std::string{rule.source_field}},
          mapping::EntityName{std::string{rule.entity}},
          mapping::FieldPath{std::string{rule.field}}};
}

mapping::Transformation transformation_of(std::string_view rule) {
  return rule.empty() ? mapping::Transformation{}
                      : mapping::transformation_from_json(
                            parse_json(rule, "the rule of a mapping in the registry"));
}

MappingDifference difference(DifferenceKind kind, const MappingFile& file, const EntryRef& ref,
                             std::string in_registry) {
  return {kind,
          mapping::key_of(file.parsed.document, *ref.entity, *ref.entry),
          file.name,
          ref.entry->line,
          ref.entry->column,
          words_of(ref.entry->transformation),
          std::move(in_registry)};
}

// Adds one file's part.
void compare_file(const MappingFile& file, registry::YamlMigrations& registry, Comparison& result) {
  EntryIndex index{file.parsed.document};
  result.mappings += index.refs().size();
  std::vector<MappingDifference> found, unknown;
  registry.for_each_rule(file.connector(), [&](const registry::StoredRule& rule) {
    if (rule.source_table != rule.entity) {
      ++result.other_tables;
      return;
    }
    EntryRef* ref = index.find(rule);
    if (rule.status != "active") {
      ++result.inactive;
      if (ref != nullptr) {
        ref->found = true;
        found.push_back(difference(DifferenceKind::missing, file, *ref, std::string{rule.status}));
      }
    } else if (ref == nullptr) {
      unknown.push_back({DifferenceKind::unknown,
                         key_of(file, rule),
                         file.name,
                         0,
                         0,
                         {},
                         words_of(transformation_of(rule.rule))});
    } else {
      ref->found = true;
      if (is_same_rule(ref->entry->transformation, rule.rule)) {
        ++result.equal;
      } else {
        found.push_back(difference(DifferenceKind::different, file, *ref,
                                   words_of(transformation_of(rule.rule))));
      }
    }
  });
  for (const EntryRef& ref : index.refs()) {
    if (!ref.found) {
      found.push_back(difference(DifferenceKind::missing, file, ref, {}));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& left, const auto& right) {
    return std::tie(left.line, left.column) < std::tie(right.line, right.column);
  });
  std::sort(unknown.begin(), unknown.end(),
            [](const auto& left, const auto& right) { return left.key < right.key; });
  std::move(found.begin(), found.end(), std::back_inserter(result.differences));
  std::move(unknown.begin(), unknown.end(), std::back_inserter(result.differences));
}

// One mapping on each side; transformations in words, nothing where the side has none.
struct Stand {
  std::optional<std::string> yaml{}, base{}, stored{};
  std::string status{};  // of a row that is not active
  int version = 0;       // of a row
  mapping::Transformation yaml_transformation{}, stored_transformation{};
  int line = 0, column = 0;
};

class FileSync {
 public:
  FileSync(const MappingFile& file, const MappingFile* base, bool agreed,
           registry::YamlMigrations* registry, Preference preference, SyncPlan& plan)
      : file_{file}, agreed_{agreed}, preference_{preference}, plan_{plan} {
    add(file, &Stand::yaml, true);
    if (base != nullptr) {
      add(*base, &Stand::base, false);
    }
    if (registry != nullptr) {
      registry->for_each_rule(file.connector(), [&](const registry::StoredRule& rule) {
        if (rule.source_table != rule.entity) {
          return;
        }
        Stand& stand = stands_[key_of(file, rule)];
        stand.version = rule.version;
        if (rule.status == "active") {
          stand.stored_transformation = transformation_of(rule.rule);
          stand.stored = mapping::to_text(stand.stored_transformation);
        } else {
          stand.status = rule.status;
        }
      });
    }
  }

  void run() {
    for (const auto& [key, stand] : stands_) {
      decide(key, stand);
    }
    if (!removed_.empty() || !added_.empty() || !changes_.empty()) {
      change_file();
    }
  }

 private:
  void add(const MappingFile& file, std::optional<std::string> Stand::*side, bool is_now) {
    for (const DocumentEntity& entity : file.parsed.document.entities) {
      for (const DocumentEntry& entry : entity.entries) {
        mapping::MappingKey key = mapping::key_of(file.parsed.document, entity, entry);
        key.connector = file_.connector();
        Stand& stand = stands_[std::move(key)];
        stand.*side = mapping::to_text(entry.transformation);
        if (is_now) {
          stand.yaml_transformation = entry.transformation;
          stand.line = entry.line;
          stand.column = entry.column;
        }
      }
    }
  }

  void decide(const mapping::MappingKey& key, const Stand& stand) {
    if (stand.yaml == stand.stored) {
      plan_.unchanged += stand.yaml ? 1 : 0;
      return;
    }
    bool yaml_changed = stand.yaml != stand.base;
    bool registry_changed = stand.stored != stand.base;
    if (!agreed_) {
      // Proposals are nobody's decision yet; what is decided in the registry is.
      const bool is_decided =
          stand.stored || stand.status == "rejected" || stand.status == "deprecated";
      yaml_changed = true;
      registry_changed = is_decided;
    }
    if (yaml_changed && registry_changed) {
      if (preference_ == Preference::none) {
        report(Action::conflict, key, stand);
        return;
      }
      yaml_changed = preference_ == Preference::yaml;
    }
    yaml_changed ? change_registry(key, stand) : change_yaml(key, stand);
  }

  void change_registry(const mapping::MappingKey& key, const Stand& stand) {
    report(!stand.yaml         ? Action::deprecate
           : stand.version > 0 ? Action::update
                               : Action::create,
           key, stand);
    plan_.writes.push_back({key, stand.yaml_transformation, !stand.yaml, stand.version});
  }

  void change_yaml(const mapping::MappingKey& key, const Stand& stand) {
    report(!stand.stored ? Action::remove_from_yaml
           : stand.yaml  ? Action::change_in_yaml
                         : Action::add_to_yaml,
           key, stand);
    const EntryChange change{EntryChange::Kind::replace, key.entity,
                             key.source_field,           key.field,
                             key.source_field,           stand.stored_transformation};
    (!stand.stored ? removed_ : stand.yaml ? changes_ : added_).push_back(change);
  }

  void report(Action action, const mapping::MappingKey& key, const Stand& stand) {
    const DifferenceKind kind = !stand.yaml    ? DifferenceKind::unknown
                                : stand.stored ? DifferenceKind::different
                                               : DifferenceKind::missing;
    plan_.changes.push_back(
        {action,
         {kind, key, file_.name, stand.line, stand.column,
          stand.yaml ? words_of(stand.yaml_transformation) : std::string{},
          stand.stored ? words_of(stand.stored_transformation) : stand.status}});
  }

  // A field that loses one source and gets another keeps its line.
  void pair_sources() {
    std::multimap<std::pair<mapping::EntityName, mapping::FieldPath>, std::size_t> by_field;
    for (std::size_t at = 0; at < added_.size(); ++at) {
      by_field.emplace(std::pair{added_[at].entity, added_[at].field}, at);
    }
    std::vector<bool> is_paired(added_.size());
    for (EntryChange& removed : removed_) {
      removed.kind = EntryChange::Kind::remove;
      const auto partner = by_field.find({removed.entity, removed.field});
      if (partner != by_field.end()) {
        removed.kind = EntryChange::Kind::replace;
        removed.new_source = added_[partner->second].source;
        removed.transformation = added_[partner->second].transformation;
        is_paired[partner->second] = true;
        by_field.erase(partner);
      }
      changes_.push_back(removed);
    }
    for (std::size_t at = 0; at < added_.size(); ++at) {
      if (!is_paired[at]) {
        added_[at].kind = EntryChange::Kind::add;
        changes_.push_back(added_[at]);
      }
    }
  }

  void change_file() {
    std::size_t count = file_.parsed.document.mappings() + added_.size() - removed_.size();
    std::map<mapping::MappingKey, std::string> wanted;
    using Entry = std::tuple<mapping::EntityName, mapping::FieldPath, mapping::FieldPath>;
    std::set<Entry> written, removed;
    for (const EntryChange& change : changes_) {
      written.emplace(change.entity, change.source, change.field);
    }
    for (const EntryChange& change : added_) {
      written.emplace(change.entity, change.source, change.field);
    }
    for (const EntryChange& change : removed_) {
      removed.emplace(change.entity, change.source, change.field);
    }
    for (const auto& [key, stand] : stands_) {
      const Entry entry{key.entity, key.source_field, key.field};
      if (written.contains(entry)) {
        wanted[key] = *stand.stored;
      } else if (stand.yaml && !removed.contains(entry)) {
        wanted[key] = *stand.yaml;
      }
    }
    pair_sources();
    SyncPlan::FileChange changed;
    changed.name = file_.name;
    changed.text = mapping::change_text(file_.parsed.document, file_.text, changes_);

    // What was written has to read as what was meant, or nothing is written.
    const MappingFile again = read_mapping_text(file_.name, changed.text);
    bool is_right = !again.parsed.has_errors() && again.parsed.document.mappings() == count;
    for (const DocumentEntity& entity : again.parsed.document.entities) {
      for (const DocumentEntry& entry : entity.entries) {
        const auto found = wanted.find(mapping::key_of(again.parsed.document, entity, entry));
        is_right = is_right && found != wanted.end() &&
                   found->second == mapping::to_text(entry.transformation);
      }
    }
    if (!is_right) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("the registry's changes of '{}' cannot be written to '{}'",
                              file_.connector().text, file_.name),
                  "write the file's fields one a line, or take its state with --prefer yaml"};
    }
    plan_.files.push_back(std::move(changed));
  }

  const MappingFile& file_;
  bool agreed_;
  Preference preference_;
  SyncPlan& plan_;
  std::map<mapping::MappingKey, Stand> stands_;
  std::vector<EntryChange> changes_, added_, removed_;
};

// All of a file goes to a registry that has nothing of its connector.
void create_all(const MappingFile& file, SyncPlan& plan) {
  for (const DocumentEntity& entity : file.parsed.document.entities) {
    for (const DocumentEntry& entry : entity.entries) {
      plan.changes.push_back({Action::create, difference(DifferenceKind::missing, file,
                                                         {&entity, &entry, false}, {})});
      plan.writes.push_back({plan.changes.back().about.key, entry.transformation, false, 0});
    }
  }
}

const MappingFile* find(const std::vector<MappingFile>& files,
                        const mapping::ConnectorName& connector) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const MappingFile& file) {
    return file.connector() == connector;
  });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(DifferenceKind kind) noexcept {
  switch (kind) {
    case DifferenceKind::missing: return "missing";
    case DifferenceKind::different: return "different";
    case DifferenceKind::unknown: return "unknown";
  }
  return {};
}

std::string_view to_string(SyncChange::Action action) noexcept {
  switch (action) {
    case Action::create: return "create";
    case Action::update: return "update";
    case Action::deprecate: return "deprecate";
    case Action::add_to_yaml: return "add_to_yaml";
    case Action::change_in_yaml: return "change_in_yaml";
    case Action::remove_from_yaml: return "remove_from_yaml";
    case Action::conflict: return "conflict";
  }
  return {};
}

std::size_t SyncPlan::count(SyncChange::Action action) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(changes.begin(), changes.end(),
                    [&](const SyncChange& change) { return change.action == action; }));
}

bool is_same_rule(const mapping::Transformation& transformation, std::string_view rule) {
  if (rule.empty()) {
    return transformation == mapping::Transformation{};
  }
  // PostgreSQL orders the keys of JSON in its own way.
  return registry::transformation_to_json(transformation) == rule ||
         transformation_of(rule) == transformation;
}

std::string words_of(const mapping::Transformation& transformation) {
  std::string words = mapping::to_text(transformation);
  return words.empty() ? "direct" : words;
}

Comparison compare(const std::vector<MappingFile>& files, registry::YamlMigrations& registry) {
  Comparison result;
  for (const MappingFile& file : files) {
    compare_file(file, registry, result);
  }
  return result;
}

SyncPlan plan_sync(const std::vector<MappingFile>& files, const std::vector<MappingFile>& base,
                   bool agreed, registry::YamlMigrations* registry, Preference preference) {
  SyncPlan plan;
  std::map<std::string, const MappingFile*> base_by_connector;
  for (const MappingFile& file : base) {
    base_by_connector.emplace(file.connector().text, &file);
  }
  if (base.empty()) {
    std::size_t count = 0;
    for (const MappingFile& file : files) {
      count += file.parsed.document.mappings();
    }
    plan.changes.reserve(count);
    plan.writes.reserve(count);
  }
  for (const MappingFile& file : files) {
    const auto found = base_by_connector.find(file.connector().text);
    const MappingFile* before = found == base_by_connector.end() ? nullptr : found->second;
    if (registry == nullptr || (before == nullptr && !registry->has_rules(file.connector()))) {
      create_all(file, plan);
      continue;
    }
    const bool is_as_agreed = before != nullptr && before->sha256 == file.sha256;
    if (before == nullptr || is_as_agreed) {
      Comparison comparison;
      compare_file(file, *registry, comparison);
      if (comparison.differences.empty()) {
        plan.unchanged += comparison.equal;
        continue;
      }
    }
    FileSync{file, before, agreed && before != nullptr, registry, preference, plan}.run();
  }
  // A file that was removed is one that lost all its entries.
  for (const MappingFile& before : base) {
    if (find(files, before.connector()) == nullptr) {
      const MappingFile none = read_mapping_text(before.name, {});
      FileSync{none, &before, agreed, registry, preference, plan}.run();
    }
  }
  return plan;
}

}  // namespace mapctl::jobs
