// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/rules/composite.hpp"
#include "core/matching/rules/same_rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

// Members of JSON documents, and what stands first in their lists.
namespace mapctl::matching {
namespace {

using catalog::Column;
using mapping::Transformation;
using mapping::TransformationKind;

// Of the sampled values; a column with fewer is none of documents.
constexpr double document_share = 0.6;
constexpr std::size_t most_depth = 4;

// For a member that no name asks for.
constexpr double nearly_all = 0.95;
constexpr std::size_t fewest_rows = 10;
constexpr std::size_t fewest_values = 3;  // beside the same rows; fewer agree by chance

// Names that say what a member is only together with those around it.
constexpr std::array<std::string_view, 14> general_names{
    "code", "date",  "description", "id",    "key",  "kind", "label",
    "name", "state", "text",        "title", "type", "url",  "value"};

// "billing_city", "BillingCity" and "billing city" are the same key.
std::string folded_key(std::string_view text) {
  std::string key;
  for (const char c : fold(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0) {
      key += c;
    }
  }
  return key;
}

struct Member {
  std::string path{};
  std::size_t count = 0;
  std::size_t numbers = 0;
  std::size_t longest_list = 1;  // of the lists on the way
  bool plain = true;             // never an object or a list, and no other member has the name
  std::vector<std::string> values{};
};

// By folded key: of the whole way, and of the last name alone.
struct Members {
  std::map<std::string, Member> by_way{};
  std::map<std::string, Member> by_name{};
  std::size_t documents = 0;
};

struct Way {
  std::string path{};
  std::string key{};
  std::size_t depth = 0;
  std::size_t longest_list = 1;
};

void note_value(Member& member, const Way& way, const Json& value) {
  if (member.path.empty()) {
    member.path = way.path;
  }
  member.plain = member.plain && member.path == way.path && !value.is_structured();
  ++member.count;
  member.numbers += value.is_number() ? 1 : 0;
  member.longest_list = std::max(member.longest_list, way.longest_list);
  if (value.is_string()) {
    member.values.push_back(value.get<std::string>());
  } else if (value.is_number()) {
    member.values.push_back(value.dump());
  }
}

void add_members(const Json& value, const Way& way, Members& members) {
  if (way.depth > most_depth) {
    return;
  }
  if (value.is_array()) {
    if (!value.empty()) {
      Way first = way;
      first.path += "[0]";
      first.longest_list = std::max(way.longest_list, value.size());
      ++first.depth;
      if (!value.front().is_structured() && !way.key.empty()) {
        note_value(members.by_way[way.key], first, value.front());
      }
      add_members(value.front(), first, members);
    }
    return;
  }
  if (!value.is_object()) {
    return;
  }
  for (const auto& [name, item] : value.items()) {
    if (name.find_first_of(".\"[]\\ ") != std::string::npos) {
      continue;  // a path could not say which
    }
    const std::string own = folded_key(name);
    const Way inner{fmt::format("{}.{}", way.path, name), way.key + own, way.depth + 1,
                    way.longest_list};
    if (!item.is_structured()) {
      note_value(members.by_way[inner.key], inner, item);
      if (way.depth > 0 &&
          !std::binary_search(general_names.begin(), general_names.end(), std::string_view{own})) {
        note_value(members.by_name[own], inner, item);
      }
    } else if (item.is_object()) {
      members.by_way[inner.key].plain = false;
    }
    add_members(item, inner, members);
  }
}

// A document of which the end was cut off, up to its last whole member.
Json parse_cut(std::string_view text) {
  std::string open;  // brackets that are to be closed
  std::string open_at_comma;
  std::size_t comma = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_text) {
      at += c == '\\' ? 1 : 0;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      open += c == '{' ? '}' : ']';
    } else if ((c == '}' || c == ']') && !open.empty()) {
      open.pop_back();
    } else if (c == ',') {
      comma = at;
      open_at_comma = open;
    }
  }
  std::string whole{text.substr(0, comma)};
  whole.append(open_at_comma.rbegin(), open_at_comma.rend());
  return Json::parse(whole, nullptr, false);
}

Json parse_document(std::string_view text) {
  Json document = Json::parse(text, nullptr, false);
  return document.is_discarded() && text.ends_with("...") ? parse_cut(text) : document;
}

Members members_of_samples(const Column& column) {
  Members members;
  for (const std::string& sample : column.statistics->samples) {
    const Json document = parse_document(sample);
    if (document.is_structured()) {
      ++members.documents;
      add_members(document, {"$", {}, 0, 1}, members);
    }
  }
  return members;
}

struct Wanted {
  std::string key{};
  bool first = false;  // the name asks for the first of several
};

// What is looked for, in this order: "first_name" may be a member, or the first of several names;
// "maintenance" asks for the first of nothing.
std::vector<Wanted> wanted_of(std::string_view name) {
  std::vector<Wanted> wanted{{folded_key(name), false}};
  for (const std::string_view word : {"first", "primary", "main"}) {
    if (name.size() <= word.size() || to_lower(name.substr(0, word.size())) != word) {
      continue;
    }
    const char next = name[word.size()];
    if (next < 'a' || next > 'z') {
      wanted.push_back({folded_key(name.substr(word.size())), true});
    }
  }
  return wanted;
}

const Member* find_member(const std::map<std::string, Member>& members, const std::string& key) {
  const auto found = members.find(key);
  return found != members.end() && found->second.plain ? &found->second : nullptr;
}

// By the whole way to it, with or without the name of the column of documents; "tag" is one of the
// "tags". Then by its own name.
const Member* find_member(const Members& members, const Wanted& wanted, const std::string& column) {
  std::vector<std::string> keys{wanted.key};
  if (wanted.key.size() > column.size() && wanted.key.starts_with(column)) {
    keys.push_back(wanted.key.substr(column.size()));
  } else if (column.size() > 2 && column.ends_with('s') && wanted.key.size() >= column.size() &&
             wanted.key.starts_with(std::string_view{column}.substr(0, column.size() - 1))) {
    keys.push_back(wanted.key.substr(column.size() - 1));  // "phone_number" of "phones"
  }
  for (const std::string& key : keys) {
    for (const std::string_view ending : {"", "s", "svalue", "value"}) {
      const Member* found = find_member(members.by_way, key + std::string{ending});
      if (found != nullptr && (ending.empty() || found->path.find("[0]") != std::string::npos)) {
        return found;
      }
    }
  }
  return find_member(members.by_name, wanted.key);
}

Tally values_found(const Member& member, const Column& to) {
  Tally tally;
  if (!to.statistics) {
    return tally;
  }
  for (const std::string& value : member.values) {
    const auto number = catalog::is_number(to.type.logical) ? number_of(value) : std::nullopt;
    const auto found = number ? holds_rounded(to, *number)
                              : catalog::holds_value(*to.statistics, catalog::value_hash(value));
    if (found) {
      ++tally.of;
      tally.holds += *found ? 1 : 0;
    }
  }
  return tally;
}

std::string shown_path(const Member& member) {
  return member.path.starts_with("$.") ? member.path.substr(2) : member.path;
}

Transformation path_of(const Member& member, const Column& to) {
  Transformation transformation;
  transformation.steps.push_back(step_of(TransformationKind::json_path, {{"path", member.path}}));
  if (catalog::is_number(to.type.logical)) {
    transformation.steps.push_back(step_of(
        TransformationKind::cast, {{"type", std::string{catalog::to_string(to.type.logical)}}}));
  }
  return transformation;
}

// False where the member is not proposed.
bool propose_member(Composer& composer, std::uint32_t source, std::uint32_t target,
                    const Member& member, std::size_t documents, bool first_wanted) {
  const Column& to = composer.target_column(target);
  const bool number_wanted = catalog::is_number(to.type.logical);
  if (member.count * 2 < documents || (number_wanted && member.numbers < member.count)) {
    return false;
  }
  const Tally found = values_found(member, to);
  const bool verified = found.is_enough() && found.share() >= 0.5;
  // Of several entries nobody knows which is meant, unless name or values say so. A list that feeds
  // the target anyhow does not fit it as a whole, but where both are called the same.
  const bool doubtful = member.longest_list > 1 && !first_wanted && !verified;
  const Column& from = composer.source_column(source);
  const bool fits_in_part = from.type.logical == catalog::LogicalType::array &&
                            to.type.logical != catalog::LogicalType::array &&
                            to.type.logical != catalog::LogicalType::object &&
                            to.type.logical != catalog::LogicalType::json &&
                            composer.source_of(target) == source &&
                            folded_key(from.name.text) != folded_key(to.name.text);
  if (doubtful && (found.is_enough() || !fits_in_part)) {
    return false;
  }
  const double confidence = documents >= Tally::fewest ? confidence_of_form : confidence_of_names;
  const RuleVerdict verdict = verdict_of(found, confidence);
  std::string reason =
      fmt::format("the documents in '{}' have a member '{}'; found in {} of {} sampled documents",
                  from.name.text, shown_path(member), member.count, documents);
  if (member.longest_list > 1) {
    reason += fmt::format("; of lists with up to {} entries the first", member.longest_list);
  }
  composer.propose(source,
                   {target, path_of(member, to), verdict.confidence, reason + verdict.words});
  if (auto* candidate = composer.decided_candidate(source, target);
      doubtful && candidate != nullptr && !candidate->transformation.is_direct()) {
    candidate->warnings.push_back(
        fmt::format("of up to {} entries the first is taken: which one, or a row for each, is to "
                    "be decided",
                    member.longest_list));
  }
  return true;
}

// Of each row of the sample the values of plain members by their paths.
using MemberRows = std::vector<std::map<std::string, std::string>>;

MemberRows rows_of_members(const Column& column) {
  MemberRows rows;
  for (const std::string& row : column.statistics->first_rows) {
    Members members;
    add_members(parse_document(row), {"$", {}, 0, 1}, members);
    auto& values = rows.emplace_back();
    for (auto& [key, member] : members.by_way) {
      if (member.plain && member.values.size() == 1) {
        values.emplace(member.path, std::move(member.values.front()));
      }
    }
  }
  return rows;
}

// Rows of the same key in which member and target are equal, and differ from row to row.
Tally equal_rows(const MemberRows& left, const Member& member, const Column& to,
                 const SameRows& same) {
  const auto* right = plain_rows(to);
  if (right == nullptr || !same.is_enough()) {
    return {};
  }
  Tally tally;
  std::set<std::uint64_t> different;
  for (const auto& [row, other] : same.rows) {
    if (row >= left.size() || other >= right->size() || (*right)[other].empty()) {
      continue;
    }
    const auto value = left[row].find(member.path);
    if (value == left[row].end()) {
      continue;
    }
    const auto hash = catalog::value_hash((*right)[other]);
    ++tally.of;
    if (catalog::value_hash(value->second) == hash) {
      ++tally.holds;
      different.insert(hash);
    }
  }
  return different.size() < fewest_values ? Tally{} : tally;
}

// Masked rows cannot be compared one by one. Texts of which each stands once, and that the target
// has nearly all, are its own; numbers may be the same by chance.
Tally own_texts(const Member& member, const Column& to) {
  if (!to.personal || !to.statistics || member.numbers > 0 || !to.statistics->tells_rows_apart()) {
    return {};
  }
  const std::set<std::string> different{member.values.begin(), member.values.end()};
  return different.size() < member.values.size() ? Tally{} : values_found(member, to);
}

// A member under another name, which the same rows of both tables show to be the target.
void propose_by_rows(Composer& composer, std::uint32_t source, std::uint32_t target,
                     const Members& members, const MemberRows& rows, const SameRows& same) {
  const Column& from = composer.source_column(source);
  const Column& to = composer.target_column(target);
  const Member* best = nullptr;
  Tally most;
  bool only_values = false;
  for (const auto& [key, member] : members.by_way) {
    if (!member.plain || member.count * 2 < members.documents ||
        (catalog::is_number(to.type.logical) && member.numbers < member.count)) {
      continue;
    }
    Tally tally = equal_rows(rows, member, to, same);
    const bool by_values = tally.of == 0;
    if (by_values) {
      tally = own_texts(member, to);
    }
    if (tally.of >= fewest_rows && tally.share() >= nearly_all && tally.holds > most.holds) {
      best = &member;
      most = tally;
      only_values = by_values;
    }
  }
  if (best != nullptr) {
    composer.propose(
        source,
        {target, path_of(*best, to), only_values ? confidence_of_form : confidence_of_values,
         fmt::format("'{}' is the member '{}' of the documents in '{}', which {}{}", to.name.text,
                     shown_path(*best), from.name.text, in_words(most),
                     only_values ? std::string{} : fmt::format(" with the same '{}'", same.key))});
  }
}

void open_document(Composer& composer, std::uint32_t source, const SameRows& same) {
  const Column& column = composer.source_column(source);
  Members members = members_of_samples(column);
  if (members.documents == 0) {
    return;
  }
  const MemberRows rows = same.is_enough() ? rows_of_members(column) : MemberRows{};
  const std::string own = folded_key(column.name.text);
  // A column that is a list itself has no name on the way to its first entry.
  for (const std::string& sample : column.statistics->samples) {
    const Json list = Json::parse(sample, nullptr, false);
    if (list.is_array() && !list.empty() && !list.front().is_structured()) {
      note_value(members.by_way[own], {"$[0]", own, 1, list.size()}, list.front());
    }
  }
  for (std::uint32_t target = 0; target < composer.target().columns.size(); ++target) {
    if (!composer.is_open_to(target, source)) {
      continue;
    }
    const auto is_proposed = [&](const Wanted& wanted) {
      const Member* member = find_member(members, wanted, own);
      return member != nullptr &&
             propose_member(composer, source, target, *member, members.documents, wanted.first);
    };
    const auto wanted = wanted_of(composer.target_column(target).name.text);
    if (std::none_of(wanted.begin(), wanted.end(), is_proposed)) {
      propose_by_rows(composer, source, target, members, rows, same);
    }
  }
}

}  // namespace

void compose_documents(Composer& composer) {
  if (!composer.uses_data()) {
    return;
  }
  std::optional<SameRows> same;
  for (std::uint32_t source = 0; source < composer.source().columns.size(); ++source) {
    const Column& column = composer.source_column(source);
    if (!column.statistics || column.personal) {
      continue;
    }
    const auto logical = column.type.logical;
    if (logical == catalog::LogicalType::json || logical == catalog::LogicalType::object ||
        logical == catalog::LogicalType::array ||
        (catalog::is_text(logical) &&
         column.statistics->share(catalog::ValuePattern::json_document) >= document_share)) {
      if (!same) {
        same = same_rows(composer);
      }
      open_document(composer, source, *same);
    }
  }
}

}  // namespace mapctl::matching
