// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/mapping/document.hpp"
#include "core/mapping/transform_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace mapctl::mapping {
namespace {

struct Patch {
  std::size_t begin = 0, end = 0;
  std::string text{};
};

using Entries = std::set<const DocumentEntry*>;

class Editor {
 public:
  Editor(const MappingDocument& document, std::string_view text)
      : document_{document}, text_{text}, line_end_{line_end_of(text)} {
    for (const DocumentEntity& entity : document_.entities) {
      for (const DocumentEntry& entry : entity.entries) {
        places_.try_emplace({entity.name.text, entry.source.text, entry.field.text}, &entity,
                            &entry);
      }
    }
  }

  void apply(const EntryChange& change) {
    if (change.kind == EntryChange::Kind::add) {
      add(change);
      return;
    }
    const auto [entity, entry] = find(change);
    if (change.kind == EntryChange::Kind::remove) {
      removed_[entity].insert(entry);
    } else {
      replace(*entry, change);
    }
  }

  std::string finish() {
    for (const auto& [entity, entries] : removed_) {
      remove(*entity, entries);
    }
    for (const DocumentEntity& entity : document_.entities) {
      insert_into(entity);
    }
    append_entities();
    std::stable_sort(patches_.begin(), patches_.end(), [](const Patch& left, const Patch& right) {
      return left.begin < right.begin;
    });
    std::string result;
    result.reserve(text_.size() + 256);
    std::size_t at = 0;
    for (const Patch& patch : patches_) {
      result += text_.substr(at, patch.begin - at);
      result += patch.text;
      at = patch.end;
    }
    result += text_.substr(at);
    return result;
  }

 private:
  static std::string_view line_end_of(std::string_view text) noexcept {
    const std::size_t first = text.find('\n');
    return first != text.npos && first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n";
  }

  std::pair<const DocumentEntity*, const DocumentEntry*> find(const EntryChange& change) const {
    const auto found = places_.find({change.entity.text, change.source.text, change.field.text});
    if (found == places_.end()) {
      throw Error{ErrorCode::conflict,
                  fmt::format("the mapping file of '{}' has no field '{}' of '{}'",
                              document_.connector.text, change.field.text, change.entity.text),
                  "read the file again"};
    }
    return found->second;
  }

  // A scalar in the quotes of the one whose place it takes.
  std::string scalar_like(const Span& old, std::string_view value) const {
    const char quote = text_[old.begin];
    std::string plain = yaml_scalar(value);
    if (quote == '"' && plain.front() != '"') {
      return '"' + plain + '"';
    }
    if (quote == '\'' && value.find_first_of("'\\\n\r\t") == value.npos) {
      return fmt::format("'{}'", value);
    }
    return plain;
  }

  void patch(const Span& span, std::string text) {
    patches_.push_back({span.begin, span.end, std::move(text)});
  }

  // Only what differs is replaced, so that comments behind it stay.
  void replace(const DocumentEntry& entry, const EntryChange& change) {
    const std::string words = to_text(change.transformation);
    const bool same_transform = words == to_text(entry.transformation);
    const bool has_place = !words.empty() && !entry.transform_at.empty();
    if (same_transform || has_place) {
      if (change.new_source != entry.source) {
        const Span& place = entry.shape == EntryShape::target_map ? entry.key : entry.source_at;
        patch(place, scalar_like(place, change.new_source.text));
      }
      if (!same_transform) {
        patch(entry.transform_at, scalar_like(entry.transform_at, words));
      }
      return;
    }
    const EntryShape shape = entry.shape == EntryShape::target_map
                                 ? EntryShape::target_map
                                 : natural_shape("", change.transformation);
    patch({entry.key.begin, entry.value.end},
          entry_text(shape, change.new_source.text, entry.field.text, change.transformation));
  }

  std::size_t line_begin(std::size_t at) const noexcept {
    const std::size_t found = at == 0 ? text_.npos : text_.rfind('\n', at - 1);
    return found == text_.npos ? 0 : found + 1;
  }
  std::size_t line_after(std::size_t at) const noexcept {
    const std::size_t found = text_.find('\n', at);
    return found == text_.npos ? text_.size() : found + 1;
  }

  void remove(const DocumentEntity& entity, const Entries& entries) {
    if (entries.size() == entity.entries.size()) {
      if (entity.fields_in_flow) {
        patch(entity.fields_value, "{}");
      } else {
        // A comment behind the key or between the entries stays where it is.
        const std::size_t colon = text_.find(':', entity.fields_key.end);
        patches_.push_back({colon + 1, colon + 1, " {}"});
        remove_lines(entries);
      }
      is_emptied_.push_back(&entity);
      return;
    }
    entity.fields_in_flow ? remove_in_flow(entity, entries) : remove_lines(entries);
  }

  void remove_lines(const Entries& entries) {
    for (const DocumentEntry* entry : entries) {
      patches_.push_back({line_begin(entry->key.begin), line_after(entry->value.end), {}});
    }
  }

  // Together with the comma before it, or, of the first ones, the comma behind.
  void remove_in_flow(const DocumentEntity& entity, const Entries& entries) {
    const auto is_removed = [&](const DocumentEntry& entry) { return entries.contains(&entry); };
    std::size_t kept = 0;
    while (is_removed(entity.entries[kept])) {
      ++kept;
    }
    if (kept > 0) {
      patches_.push_back({entity.entries.front().key.begin, entity.entries[kept].key.begin, {}});
    }
    for (std::size_t at = kept + 1; at < entity.entries.size(); ++at) {
      if (is_removed(entity.entries[at])) {
        patches_.push_back({entity.entries[at - 1].value.end, entity.entries[at].value.end, {}});
      }
    }
  }

  void add(const EntryChange& change) {
    for (const DocumentEntity& entity : document_.entities) {
      if (entity.name == change.entity) {
        added_[&entity].push_back(&change);
        return;
      }
    }
    const auto known =
        std::find_if(new_entities_.begin(), new_entities_.end(),
                     [&](const auto& entity) { return entity.first == change.entity; });
    if (known == new_entities_.end()) {
      new_entities_.push_back({change.entity, {&change}});
    } else {
      known->second.push_back(&change);
    }
  }

  // The canonical field is the key unless another entry has that key already.
  static std::string line_of(const EntryChange& change, std::set<std::string>& keys) {
    EntryShape shape = natural_shape(change.field.text, change.transformation);
    const auto is_taken = [&](const std::string& key) { return keys.contains(key); };
    if (shape != EntryShape::target_map && is_taken(change.field.text)) {
      shape = EntryShape::target_map;
    } else if (shape == EntryShape::target_map && is_taken(change.source.text)) {
      shape = EntryShape::source_map;
    }
    const std::string& key =
        shape == EntryShape::target_map ? change.source.text : change.field.text;
    if (is_taken(key)) {
      throw Error{ErrorCode::conflict,
                  fmt::format("'{}' of '{}' cannot be written: the keys '{}' and '{}' are both in "
                              "use",
                              change.source.text, change.entity.text, change.field.text,
                              change.source.text),
                  "rename or remove one of the entries"};
    }
    keys.insert(key);
    return entry_text(shape, change.source.text, change.field.text, change.transformation);
  }

  std::set<std::string> keys_of(const DocumentEntity& entity) const {
    std::set<std::string> keys;
    const auto removed = removed_.find(&entity);
    for (const DocumentEntry& entry : entity.entries) {
      if (removed == removed_.end() || !removed->second.contains(&entry)) {
        keys.insert(entry.shape == EntryShape::target_map ? entry.source.text : entry.field.text);
      }
    }
    return keys;
  }

  void insert_into(const DocumentEntity& entity) {
    const auto found = added_.find(&entity);
    if (found == added_.end()) {
      return;
    }
    std::set<std::string> keys = keys_of(entity);
    const bool is_emptied =
        std::find(is_emptied_.begin(), is_emptied_.end(), &entity) != is_emptied_.end();
    if (entity.fields_in_flow || is_emptied) {
      insert_into_flow(entity, found->second, keys, is_emptied);
      return;
    }
    const DocumentEntry& last = entity.entries.back();
    const std::size_t key = entity.entries.front().key.begin;
    const std::string indent{text_.substr(line_begin(key), key - line_begin(key))};
    const std::size_t at = line_after(last.value.end);
    std::string lines;
    if (at == text_.size() && !text_.ends_with('\n')) {
      lines += line_end_;
    }
    for (const EntryChange* change : found->second) {
      lines += indent + line_of(*change, keys);
      lines += line_end_;
    }
    patches_.push_back({at, at, std::move(lines)});
  }

  void insert_into_flow(const DocumentEntity& entity,
                        const std::vector<const EntryChange*>& changes, std::set<std::string>& keys,
                        bool is_emptied) {
    std::string text;
    for (const EntryChange* change : changes) {
      text += (text.empty() && (is_emptied || entity.entries.empty()) ? "" : ", ") +
              line_of(*change, keys);
    }
    if (is_emptied) {
      // In place of the {} that removing all entries has just made.
      const auto made = std::find_if(patches_.rbegin(), patches_.rend(), [&](const Patch& patch) {
        return patch.text.ends_with("{}") && patch.begin >= entity.fields_key.end &&
               patch.begin <= entity.fields_value.begin;
      });
      made->text.replace(made->text.size() - 2, 2, "{" + text + "}");
    } else if (entity.entries.empty()) {
      patch(entity.fields_value, "{" + text + "}");
    } else {
      const std::size_t at = entity.entries.back().value.end;
      patches_.push_back({at, at, std::move(text)});
    }
  }

  void append_entities() {
    if (new_entities_.empty()) {
      return;
    }
    std::string lines;
    if (!text_.empty() && !text_.ends_with('\n')) {
      lines += line_end_;
    }
    for (const auto& [name, changes] : new_entities_) {
      std::string entity =
          (text_.empty() && lines.empty() ? "" : "\n") + entity_head(name.text, {});
      std::set<std::string> keys;
      for (const EntryChange* change : changes) {
        entity += "    " + line_of(*change, keys) + "\n";
      }
      for (const char c : entity) {
        c == '\n' ? lines += line_end_ : lines += c;
      }
    }
    patches_.push_back({text_.size(), text_.size(), std::move(lines)});
  }

  const MappingDocument& document_;
  std::string_view text_;
  std::string_view line_end_;
  std::vector<Patch> patches_;
  // By entity, source and field.
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>,
           std::pair<const DocumentEntity*, const DocumentEntry*>>
      places_;
  std::map<const DocumentEntity*, Entries> removed_;
  std::map<const DocumentEntity*, std::vector<const EntryChange*>> added_;
  std::vector<const DocumentEntity*> is_emptied_;
  std::vector<std::pair<EntityName, std::vector<const EntryChange*>>> new_entities_;
};

}  // namespace

std::string change_text(const MappingDocument& document, std::string_view text,
                        const std::vector<EntryChange>& changes) {
  Editor editor{document, text};
  for (const EntryChange& change : changes) {
    editor.apply(change);
  }
  return editor.finish();
}

}  // namespace mapctl::mapping
