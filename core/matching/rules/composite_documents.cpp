// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/catalog/profiler.hpp"
#include "core/matching/rules/composite.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
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

Members members_of_samples(const Column& column) {
  Members members;
  for (const std::string& sample : column.statistics->samples) {
    Json document = Json::parse(sample, nullptr, false);
    if (document.is_discarded() && sample.ends_with("...")) {
      document = parse_cut(sample);
    }
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

Wanted wanted_of(std::string_view name) {
  Wanted wanted{folded_key(name), false};
  for (const std::string_view word : {"first", "primary", "main"}) {
    if (wanted.key.size() > word.size() && wanted.key.starts_with(word)) {
      wanted = {wanted.key.substr(word.size()), true};
      break;
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

void propose_member(Composer& composer, std::uint32_t source, std::uint32_t target,
                    const Member& member, std::size_t documents, bool first_wanted) {
  const Column& to = composer.target_column(target);
  const bool number_wanted = catalog::is_number(to.type.logical);
  if (member.count * 2 < documents || (number_wanted && member.numbers < member.count)) {
    return;
  }
  const Tally found = values_found(member, to);
  const bool verified = found.is_enough() && found.share() >= 0.5;
  // Of several entries nobody knows which is meant, unless name or values say so.
  if (member.longest_list > 1 && !first_wanted && !verified) {
    return;
  }
  Transformation transformation;
  transformation.steps.push_back(step_of(TransformationKind::json_path, {{"path", member.path}}));
  if (number_wanted) {
    transformation.steps.push_back(step_of(
        TransformationKind::cast, {{"type", std::string{catalog::to_string(to.type.logical)}}}));
  }
  const double confidence = documents >= Tally::fewest ? confidence_of_form : confidence_of_names;
  const RuleVerdict verdict = verdict_of(found, confidence);
  std::string reason = fmt::format(
      "the documents in '{}' have a member '{}'; found in {} of {} sampled documents",
      composer.source_column(source).name.text,
      member.path.starts_with("$.") ? member.path.substr(2) : member.path, member.count, documents);
  if (member.longest_list > 1) {
    reason += fmt::format("; of lists with up to {} entries the first", member.longest_list);
  }
  composer.propose(source,
                   {target, std::move(transformation), verdict.confidence, reason + verdict.words});
}

void open_document(Composer& composer, std::uint32_t source) {
  const Column& column = composer.source_column(source);
  Members members = members_of_samples(column);
  if (members.documents == 0) {
    return;
  }
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
    const Wanted wanted = wanted_of(composer.target_column(target).name.text);
    if (const Member* member = find_member(members, wanted, own)) {
      propose_member(composer, source, target, *member, members.documents, wanted.first);
    }
  }
}

}  // namespace

void compose_documents(Composer& composer) {
  if (!composer.uses_data()) {
    return;
  }
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
      open_document(composer, source);
    }
  }
}

}  // namespace mapctl::matching
