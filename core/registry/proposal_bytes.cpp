// SPDX-License-Identifier: Apache-2.0
#include "core/registry/proposal_bytes.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/mapping/transformation.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>

namespace mapctl::registry {
namespace {

using mapping::Candidate;
using mapping::Evidence;
using mapping::FieldProposal;
using mapping::MappingType;

// A document is the form's number, then the count of fields, then the fields. A count or place is
// written in groups of seven bits, lowest first, the eighth bit set before another group. A text is
// its place among those met so far, counted from 1, or 0, its length and its bytes. Evidence is
// likewise its place or 0 and its signal, score, weight and detail. Mapping types and kinds of
// steps are their numbers, to which new ones may only be appended.
constexpr char form = 1;

// How a real number is written; most are results of single precision.
enum class Real : char { zero, one, single, twice };

// What a candidate has beside its column, and its mapping type in the bits from `type_shift` on.
constexpr std::uint64_t has_table = 1;
constexpr std::uint64_t has_transformation = 2;
constexpr std::uint64_t has_warnings = 4;
constexpr unsigned type_shift = 3;

// Places of what was met, by hash; open addressing.
class Places {
 public:
  // The place of what `same` accepts, from 1, or 0 when it is new and has the next place now.
  template <class Same>
  std::uint32_t find_or_add(std::uint64_t hash, Same same) {
    if ((hashes_.size() + 1) * 2 > slots_.size()) {
      grow();
    }
    std::uint32_t& slot = slot_of(hash, same);
    if (slot != 0) {
      return slot;
    }
    hashes_.push_back(hash);
    slot = static_cast<std::uint32_t>(hashes_.size());
    return 0;
  }

 private:
  template <class Same>
  std::uint32_t& slot_of(std::uint64_t hash, Same same) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (hash ^ (hash >> 32U)) & mask;
    while (slots_[at] != 0 && !(hashes_[slots_[at] - 1] == hash && same(slots_[at] - 1))) {
      at = (at + 1) & mask;
    }
    return slots_[at];
  }
  void grow() {
    slots_.assign(slots_.empty() ? 512 : slots_.size() * 2, 0);
    for (std::uint32_t place = 0; place < hashes_.size(); ++place) {
      slot_of(hashes_[place], [](std::size_t) { return false; }) = place + 1;
    }
  }

  std::vector<std::uint64_t> hashes_{};
  std::vector<std::uint32_t> slots_{};
};

// Texts are met by view, so the proposal must stay as it is meanwhile.
class Writer {
 public:
  Writer(const catalog::TableRef& target_table, std::size_t fields) : target_table_{target_table} {
    out_.reserve(64 + 256 * fields);
    texts_.reserve(8 * fields);
    evidence_.reserve(8 * fields);
    out_ += form;
    count(fields);
  }

  void field(const FieldProposal& field) {
    text(field.source_column.text);
    count(field.decision.size());
    for (const std::size_t index : field.decision) {
      count(index);
    }
    real(field.confidence);
    count(field.candidates.size());
    for (const Candidate& candidate : field.candidates) {
      write(candidate);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write(const Candidate& candidate) {
    const bool elsewhere = candidate.target_table != target_table_;
    const bool changed = candidate.transformation != mapping::Transformation{};
    count((elsewhere ? has_table : 0) | (changed ? has_transformation : 0) |
          (candidate.warnings.empty() ? 0 : has_warnings) |
          static_cast<std::uint64_t>(candidate.mapping_type) << type_shift);
    text(candidate.target_column.text);
    real(candidate.score);
    real(candidate.confidence);
    if (elsewhere) {
      text(candidate.target_table.schema.text);
      text(candidate.target_table.table.text);
    }
    if (changed) {
      write(candidate.transformation);
    }
    if (!candidate.warnings.empty()) {
      count(candidate.warnings.size());
      for (const std::string& warning : candidate.warnings) {
        text(warning);
      }
    }
    count(candidate.evidence.size());
    for (const Evidence& item : candidate.evidence) {
      write(item);
    }
  }

  void write(const mapping::Transformation& transformation) {
    count(transformation.steps.size());
    for (const mapping::TransformationStep& step : transformation.steps) {
      count(static_cast<std::uint64_t>(step.kind));
      count(step.arguments.size());
      for (const auto& [name, value] : step.arguments) {
        text(name);
        text(value);
      }
    }
    count(transformation.inputs.size());
    for (const std::string& input : transformation.inputs) {
      text(input);
    }
    text(transformation.note);
  }

  void write(const Evidence& item) {
    const std::uint64_t seed = std::bit_cast<std::uint64_t>(item.score) * 0x9E3779B97F4A7C15ULL +
                               std::bit_cast<std::uint64_t>(item.weight);
    const std::uint32_t place = known_evidence_.find_or_add(
        fast_hash(item.detail, seed),
        [&](std::size_t other) { return same_bits(*evidence_[other], item); });
    count(place);
    if (place == 0) {
      evidence_.push_back(&item);
      text(item.signal);
      real(item.score);
      real(item.weight);
      text(item.detail);
    }
  }

  static bool same_bits(const Evidence& a, const Evidence& b) noexcept {
    return std::bit_cast<std::uint64_t>(a.score) == std::bit_cast<std::uint64_t>(b.score) &&
           std::bit_cast<std::uint64_t>(a.weight) == std::bit_cast<std::uint64_t>(b.weight) &&
           a.signal == b.signal && a.detail == b.detail;
  }

  void text(std::string_view text) {
    const std::uint32_t place = known_texts_.find_or_add(
        fast_hash(text), [&](std::size_t other) { return texts_[other] == text; });
    count(place);
    if (place == 0) {
      texts_.push_back(text);
      count(text.size());
      out_ += text;
    }
  }

  void count(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) {
      out_ += static_cast<char>(value | 0x80);
    }
    out_ += static_cast<char>(value);
  }

  // What is no number is kept as 0, as in JSON.
  void real(double value) {
    const auto single = static_cast<float>(value);
    if (!std::isfinite(value) || (value == 0 && !std::signbit(value))) {
      out_ += static_cast<char>(Real::zero);
    } else if (value == 1) {
      out_ += static_cast<char>(Real::one);
    } else if (static_cast<double>(single) == value) {
      out_ += static_cast<char>(Real::single);
      bits(std::bit_cast<std::uint32_t>(single));
    } else {
      out_ += static_cast<char>(Real::twice);
      bits(std::bit_cast<std::uint64_t>(value));
    }
  }
  template <class Bits>
  void bits(Bits value) {  // lowest byte first on every machine
    char bytes[sizeof value];
    for (char& byte : bytes) {
      byte = static_cast<char>(value);
      value >>= 8U;
    }
    out_.append(bytes, sizeof bytes);
  }

  const catalog::TableRef& target_table_;
  std::string out_{};
  Places known_texts_{}, known_evidence_{};
  std::vector<std::string_view> texts_{};
  std::vector<const Evidence*> evidence_{};
};

struct Damaged {};

class Reader {
 public:
  Reader(std::string_view bytes, const catalog::TableRef& target_table, SignalNames& names)
      : rest_{bytes}, target_table_{target_table}, names_{names} {}

  std::vector<FieldProposal> fields() {
    if (take(1).front() != form) {
      throw Damaged{};
    }
    std::vector<FieldProposal> fields(size());
    for (FieldProposal& field : fields) {
      read(field);
    }
    if (!rest_.empty()) {
      throw Damaged{};
    }
    return fields;
  }

 private:
  void read(FieldProposal& field) {
    field.source_column = catalog::ColumnName{std::string{text()}};
    field.decision.resize(size());
    for (std::size_t& index : field.decision) {
      index = count();
    }
    field.confidence = real();
    field.candidates.resize(size());
    for (Candidate& candidate : field.candidates) {
      read(candidate);
    }
    for (const std::size_t index : field.decision) {
      if (index >= field.candidates.size()) {
        throw Damaged{};
      }
    }
  }

  void read(Candidate& candidate) {
    const std::uint64_t has = count();
    if (has >> type_shift > static_cast<std::uint64_t>(MappingType::transformed)) {
      throw Damaged{};
    }
    candidate.mapping_type = static_cast<MappingType>(has >> type_shift);
    candidate.target_table = target_table_;
    candidate.target_column = catalog::ColumnName{std::string{text()}};
    candidate.score = real();
    candidate.confidence = real();
    if ((has & has_table) != 0) {
      candidate.target_table.schema = catalog::SchemaName{std::string{text()}};
      candidate.target_table.table = catalog::TableName{std::string{text()}};
    }
    if ((has & has_transformation) != 0) {
      read(candidate.transformation);
    }
    if ((has & has_warnings) != 0) {
      candidate.warnings.resize(size());
      for (std::string& warning : candidate.warnings) {
        warning = text();
      }
    }
    std::size_t left = size();
    candidate.evidence.reserve(left);
    for (; left > 0; --left) {
      candidate.evidence.push_back(evidence());
    }
  }

  void read(mapping::Transformation& transformation) {
    transformation.steps.resize(size());
    for (mapping::TransformationStep& step : transformation.steps) {
      const std::uint64_t kind = count();
      if (kind > static_cast<std::uint64_t>(mapping::last_transformation_kind)) {
        throw Damaged{};
      }
      step.kind = static_cast<mapping::TransformationKind>(kind);
      step.arguments.resize(size());
      for (auto& [name, value] : step.arguments) {
        name = text();
        value = text();
      }
    }
    transformation.inputs.resize(size());
    for (std::string& input : transformation.inputs) {
      input = text();
    }
    transformation.note = text();
  }

  Evidence evidence() {
    const std::size_t place = count();
    if (place > evidence_.size()) {
      throw Damaged{};
    }
    if (place == 0) {
      Evidence item;
      item.signal = signal(text());
      item.score = real();
      item.weight = real();
      item.detail = text();
      evidence_.push_back(std::move(item));
      return evidence_.back();
    }
    return evidence_[place - 1];
  }

  std::string_view signal(std::string_view name) {
    const auto known = names_.find(name);
    return known != names_.end() ? *known : *names_.emplace(name).first;
  }

  std::string_view text() {
    const std::size_t place = count();
    if (place > texts_.size()) {
      throw Damaged{};
    }
    if (place == 0) {
      texts_.push_back(take(count()));
      return texts_.back();
    }
    return texts_[place - 1];
  }

  // How many parts follow; each is a byte at least, so that a damaged count asks for no memory.
  std::size_t size() {
    const std::uint64_t value = count();
    if (value > rest_.size()) {
      throw Damaged{};
    }
    return value;
  }

  std::uint64_t count() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1).front());
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw Damaged{};
  }

  double real() {
    switch (static_cast<Real>(take(1).front())) {
      case Real::zero: return 0;
      case Real::one: return 1;
      case Real::single: return static_cast<double>(std::bit_cast<float>(bits<std::uint32_t>()));
      case Real::twice: return std::bit_cast<double>(bits<std::uint64_t>());
    }
    throw Damaged{};
  }
  template <class Bits>
  Bits bits() {
    Bits value = 0;
    unsigned shift = 0;
    for (const char byte : take(sizeof value)) {
      value |= Bits{static_cast<unsigned char>(byte)} << shift;
      shift += 8;
    }
    return value;
  }

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      throw Damaged{};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  const catalog::TableRef& target_table_;
  SignalNames& names_;
  std::vector<std::string_view> texts_{};
  std::vector<Evidence> evidence_{};
};

}  // namespace

std::string fields_to_bytes(const std::vector<FieldProposal>& fields,
                            const catalog::TableRef& target_table) {
  Writer writer{target_table, fields.size()};
  for (const FieldProposal& field : fields) {
    writer.field(field);
  }
  return writer.take();
}

std::vector<FieldProposal> fields_from_bytes(std::string_view bytes,
                                             const catalog::TableRef& target_table,
                                             SignalNames& names, std::string_view what) {
  try {
    return Reader{bytes, target_table, names}.fields();
  } catch (const Damaged&) {
    throw Error{ErrorCode::invalid_data, fmt::format("{} is damaged in the registry", what),
                "run the batch again, or restore the registry from a backup"};
  }
}

}  // namespace mapctl::registry
