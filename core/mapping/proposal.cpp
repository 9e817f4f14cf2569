// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/proposal.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>

namespace mapctl::mapping {

std::map<std::string, std::vector<catalog::ColumnName>, std::less<>> inputs_of_rules(
    const PairProposal& pair) {
  std::map<std::string, std::vector<catalog::ColumnName>, std::less<>> result;
  for (const FieldProposal& field : pair.fields) {
    for (const std::size_t chosen : field.decision) {
      const Candidate& candidate = field.candidates.at(chosen);
      for (const std::string& input : candidate.transformation.inputs) {
        auto& targets = result[input];
        if (input != field.source_column.text &&
            std::find(targets.begin(), targets.end(), candidate.target_column) == targets.end()) {
          targets.push_back(candidate.target_column);
        }
      }
    }
  }
  std::erase_if(result, [](const auto& input) { return input.second.empty(); });
  return result;
}

void rank_candidates(FieldProposal& field, std::size_t top) {
  std::vector<bool> decided(field.candidates.size());
  for (const std::size_t chosen : field.decision) {
    decided.at(chosen) = true;
  }
  std::vector<std::size_t> order(field.candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double left = field.candidates[a].confidence;
    const double right = field.candidates[b].confidence;
    return left != right ? left > right : decided[a] && !decided[b];
  });
  // From the least likely on, others make room for what was decided.
  std::size_t others = top - std::min(top, field.decision.size());
  std::erase_if(order, [&](std::size_t at) {
    if (decided[at]) {
      return false;
    }
    const bool is_over = others == 0;
    others -= is_over ? 0 : 1;
    return is_over;
  });
  std::vector<Candidate> ranked;
  std::vector<std::size_t> places(field.candidates.size());
  for (const std::size_t at : order) {
    places[at] = ranked.size();
    ranked.push_back(std::move(field.candidates[at]));
  }
  for (std::size_t& chosen : field.decision) {
    chosen = places[chosen];
  }
  field.candidates = std::move(ranked);
}

CoverageCount count_coverage(const PairProposal& pair) {
  CoverageCount count;
  count.unmapped_targets = pair.unmapped_targets.size();
  std::set<std::pair<catalog::TableRef, catalog::ColumnName>> targets;
  const auto inputs = inputs_of_rules(pair);
  for (const FieldProposal& field : pair.fields) {
    if (!field.source_column.empty()) {
      ++count.source_fields;
      count.mapped += field.decision.empty() && !inputs.contains(field.source_column.text) ? 0 : 1;
    }
    for (const std::size_t chosen : field.decision) {
      const Candidate& candidate = field.candidates.at(chosen);
      targets.emplace(candidate.target_table, candidate.target_column);
      count.warnings += candidate.warnings.size();
    }
  }
  count.target_fields = targets.size() + count.unmapped_targets;
  count.required_unmapped = static_cast<std::size_t>(
      std::count_if(pair.unmapped_targets.begin(), pair.unmapped_targets.end(),
                    [](const UnmappedTarget& target) { return target.required; }));
  return count;
}

namespace {

// Writes members and elements with the commas between them.
class Writer {
 public:
  explicit Writer(std::string& out) noexcept : out_{out} {}

  void open(char bracket) {
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void element() {
    if (!first_) {
      out_ += ',';
    }
    first_ = false;
  }
  // `name` is one of our own keys, which need no escapes.
  void key(std::string_view name) {
    element();
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  void text(std::string_view value) { append_json_string(out_, value); }
  void text(const catalog::TableRef& table) { text(catalog::to_string(table)); }
  // Four decimals at most, so that equal work gives equal bytes.
  void number(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    const long long scaled = std::llround(value * 10000);
    const unsigned long long size = static_cast<unsigned long long>(scaled < 0 ? -scaled : scaled);
    if (scaled < 0) {
      out_ += '-';
    }
    if (size < 100'000) {  // one digit, as scores and weights have
      out_ += static_cast<char>('0' + size / 10'000);
    } else {
      fmt::format_to(std::back_inserter(out_), "{}", size / 10'000);
    }
    const auto fraction = static_cast<unsigned>(size % 10000);
    const char decimals[5] = {
        '.', static_cast<char>('0' + fraction / 1000), static_cast<char>('0' + fraction / 100 % 10),
        static_cast<char>('0' + fraction / 10 % 10), static_cast<char>('0' + fraction % 10)};
    std::size_t used = 5;
    while (used > 2 && decimals[used - 1] == '0') {
      --used;
    }
    out_.append(decimals, used);
  }
  void boolean(bool value) { out_ += value ? "true" : "false"; }
  std::string& out() noexcept { return out_; }

 private:
  std::string& out_;
  bool first_ = true;
};

void write(Writer& writer, const std::vector<Evidence>& evidence) {
  writer.open('[');
  for (const Evidence& reason : evidence) {
    writer.element();
    writer.open('{');
    writer.key("signal");
    writer.text(reason.signal);
    writer.key("score");
    writer.number(reason.score);
    writer.key("weight");
    writer.number(reason.weight);
    writer.key("detail");
    writer.text(reason.detail);
    writer.close('}');
  }
  writer.close(']');
}

void write(Writer& writer, const Candidate& candidate) {
  writer.open('{');
  writer.key("target_table");
  writer.text(candidate.target_table);
  writer.key("target_column");
  writer.text(candidate.target_column.text);
  writer.key("score");
  writer.number(candidate.score);
  writer.key("confidence");
  writer.number(candidate.confidence);
  writer.key("mapping_type");
  writer.text(to_string(candidate.mapping_type));
  writer.key("transformation");
  append_json(writer.out(), candidate.transformation);
  writer.key("warnings");
  writer.open('[');
  for (const std::string& warning : candidate.warnings) {
    writer.element();
    writer.text(warning);
  }
  writer.close(']');
  writer.key("evidence");
  write(writer, candidate.evidence);
  writer.close('}');
}

void write(Writer& writer, const FieldProposal& field,
           const std::vector<catalog::ColumnName>& input_of = {}) {
  writer.open('{');
  writer.key("source_column");
  writer.text(field.source_column.text);
  writer.key("decision");
  const auto target = [&](std::size_t chosen) -> const std::string& {
    return field.candidates.at(chosen).target_column.text;
  };
  if (field.decision.empty()) {
    writer.out() += "null";
  } else if (field.decision.size() == 1) {
    writer.text(target(field.decision.front()));
  } else {
    writer.open('[');
    for (const std::size_t chosen : field.decision) {
      writer.element();
      writer.text(target(chosen));
    }
    writer.close(']');
  }
  writer.key("confidence");
  writer.number(field.confidence);
  if (!input_of.empty()) {
    writer.key("input_of");
    writer.open('[');
    for (const catalog::ColumnName& rule : input_of) {
      writer.element();
      writer.text(rule.text);
    }
    writer.close(']');
  }
  writer.key("candidates");
  writer.open('[');
  for (const Candidate& candidate : field.candidates) {
    writer.element();
    write(writer, candidate);
  }
  writer.close(']');
  writer.close('}');
}

}  // namespace

void append_json(std::string& out, const std::vector<Evidence>& evidence) {
  Writer writer{out};
  write(writer, evidence);
}

void append_json(std::string& out, const FieldProposal& field) {
  Writer writer{out};
  write(writer, field);
}

void append_json(std::string& out, const PairProposal& pair) {
  Writer writer{out};
  writer.open('{');
  writer.key("source_table");
  writer.text(pair.source_table);
  writer.key("target_table");
  writer.text(pair.target_table);
  writer.key("confidence");
  writer.number(pair.confidence);
  writer.key("evidence");
  write(writer, pair.evidence);
  writer.key("fields");
  writer.open('[');
  const auto inputs = inputs_of_rules(pair);
  for (const FieldProposal& field : pair.fields) {
    writer.element();
    const auto rules = inputs.find(field.source_column.text);
    write(writer, field,
          rules == inputs.end() ? std::vector<catalog::ColumnName>{} : rules->second);
  }
  writer.close(']');
  writer.key("unmapped_targets");
  writer.open('[');
  for (const UnmappedTarget& target : pair.unmapped_targets) {
    writer.element();
    writer.open('{');
    writer.key("column");
    writer.text(target.column.text);
    writer.key("required");
    writer.boolean(target.required);
    writer.close('}');
  }
  writer.close(']');
  writer.close('}');
}

Json to_json(const PairProposal& pair) {
  // One writer only: what is stored and what is printed cannot differ.
  std::string text;
  append_json(text, pair);
  return parse_json(text, "proposal");
}

Json to_json(std::string_view source, std::string_view target,
             const std::vector<PairProposal>& pairs) {
  Json json;
  json["schema"] = "mapctl.proposal/1";
  json["source"] = source;
  json["target"] = target;
  Json list = Json::array();
  for (const PairProposal& pair : pairs) {
    list.push_back(to_json(pair));
  }
  json["pairs"] = std::move(list);
  return json;
}

}  // namespace mapctl::mapping
