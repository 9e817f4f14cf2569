// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/memory.hpp"

#include "core/base/hash.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/memory/memory_entity.hpp"
#include "core/matching/signals/signals.hpp"
#include "core/matching/words/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>

namespace mapctl::matching {
namespace {

using mapping::Decision;
using mapping::Verdict;

constexpr float least_similarity = 0.25F;
constexpr float other_name = 0.97F;     // of names that are not the same, at most
constexpr float other_entity = 0.97F;   // decided for an entity of the same name elsewhere
constexpr float other_number = 0.6F;    // "street_1" is not "street_2"
constexpr float other_type = 0.85F;     // a date is no number
constexpr float context_part = 0.15F;   // what the tables' names may take away
constexpr float withdrawn_part = 0.5F;  // of what a rejection says
constexpr float agreeing = 0.8F;        // of the best, to count as one more system
constexpr float sharpness = 6;          // how fast less similar fields lose their say
constexpr float doubt = 0.3F;           // of a single decision
// From here on the tenant's own decisions answer alone: while it has few, and later.
constexpr float own_answers_cold = 0.85F;
constexpr float own_answers = 0.6F;
// Decisions as near as this about one name must agree.
constexpr float same_question = 0.8F;
constexpr float as_good = 0.95F;
constexpr std::size_t type_classes = static_cast<std::size_t>(TypeClass::record) + 1;

float shared_stems(const std::vector<std::uint64_t>& left,
                   const std::vector<std::uint64_t>& right) {
  if (left.empty() || right.empty()) {
    return 0;
  }
  std::size_t both = 0;
  for (std::size_t a = 0, b = 0; a < left.size() && b < right.size();) {
    if (left[a] == right[b]) {
      ++both, ++a, ++b;
    } else if (left[a] < right[b]) {
      ++a;
    } else {
      ++b;
    }
  }
  return static_cast<float>(both) / static_cast<float>(left.size() + right.size() - both);
}

}  // namespace

struct Memory::Slot {
  std::vector<std::uint32_t> about{};
  std::once_flag once{};
  std::unique_ptr<const MemoryEntity> entity{};
};

Memory::Memory(std::vector<Decision> own, std::vector<Decision> shared,
               std::shared_ptr<const Lexicon> lexicon)
    : lexicon_{std::move(lexicon)}, decisions_{std::move(own)}, own_{decisions_.size()} {
  decisions_.insert(decisions_.end(), std::make_move_iterator(shared.begin()),
                    std::make_move_iterator(shared.end()));
  std::unordered_map<std::string_view, std::uint64_t> keys;
  fingerprint_ = own_;
  const auto add = [this](std::string_view text) { fingerprint_ = fast_hash(text, fingerprint_); };
  for (std::uint32_t number = 0; number < decisions_.size(); ++number) {
    const Decision& decision = decisions_[number];
    for (const std::string* text :
         {&decision.key.connector.text, &decision.key.source_table.text,
          &decision.key.source_field.text, &decision.source_type, &decision.key.entity.text,
          &decision.key.field.text, &decision.ruling.by, &decision.ruling.at}) {
      add(*text);
    }
    fingerprint_ += static_cast<std::uint64_t>(decision.ruling.version) * 8 +
                    static_cast<std::uint64_t>(decision.ruling.verdict);
    if (decision.reversed) {
      add(decision.reversed->by);
      add(decision.reversed->at);
    }
    if (decision.ruling.verdict == Verdict::not_used) {
      unused_.emplace(source_hash(decision.key.connector.text, decision.key.source_table.text,
                                  decision.key.source_field.text),
                      number);
      continue;
    }
    const auto [at, fresh] = keys.emplace(decision.key.entity.text, 0);
    if (fresh) {
      at->second = entity_key(decision.key.entity.text);
    }
    auto& slot = entities_[at->second];
    if (!slot) {
      slot = std::make_unique<Slot>();
    }
    slot->about.push_back(number);
  }
}

Memory::~Memory() = default;

// Equal for "order_line", "OrderLines" and "dwh.public.order_line".
std::uint64_t Memory::entity_key(std::string_view entity) const {
  NameReading reading;
  Tokenizer{*lexicon_}.read(last_part(entity), reading);
  std::uint64_t key = 0;
  for (const std::uint64_t stem : stems_of(reading)) {
    key = key * 31 + stem;
  }
  return key;
}

const MemoryEntity* Memory::about(std::uint64_t key) const {
  const auto found = entities_.find(key);
  if (found == entities_.end()) {
    return nullptr;
  }
  Slot& slot = *found->second;
  std::call_once(slot.once, [&] {
    slot.entity = std::make_unique<const MemoryEntity>(decisions_, slot.about, *lexicon_);
  });
  return slot.entity.get();
}

// One call of recall(): each source column against each entity among the targets.
class Memory::Recaller {
 public:
  Recaller(const Memory& memory, const Side& source, const Side& target, const RecallNames& names)
      : memory_{memory}, source_{source}, target_{target}, names_{names} {}

  Recollections run() {
    std::vector<std::uint64_t> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> unused;
    std::vector<std::string> tables;
    for (const TableFeatures& table : source_.tables) {
      tables.push_back(catalog::to_string(table.ref));
    }
    for (std::uint32_t column = 0; column < source_.columns.size(); ++column) {
      const ColumnFeatures& features = source_.columns[column];
      join_name(column);
      sources.push_back(
          source_hash(names_.connector, tables[features.table], features.column->name.text));
      if (const auto found = memory_.unused_.find(sources.back()); found != memory_.unused_.end()) {
        unused.emplace_back(column, found->second);
      }
    }
    for (const TableFeatures& table : target_.tables) {
      const bool canonical = table.table->kind == catalog::TableKind::entity;
      entity_name_ =
          canonical ? table.ref.table.text : names_.target + '.' + catalog::to_string(table.ref);
      if (const MemoryEntity* entity = memory_.about(memory_.entity_key(table.ref.table.text))) {
        recall(*entity, table, sources);
      }
    }
    std::sort(found_.begin(), found_.end(), [](const Recollection& a, const Recollection& b) {
      return a.source != b.source ? a.source < b.source : a.target < b.target;
    });
    return {std::move(found_), std::move(unused)};
  }

 private:
  using Use = MemoryEntity::Use;

  // What was seen about one field of the entity.
  struct Seen {
    Recollection best{};
    float mass = 0;
    std::uint32_t own_approved = Recollection::none, own_rejected = Recollection::none;
    float own_for = 0, own_against = 0;         // of the same name, by the tenant's own decisions
    std::uint32_t ruling = Recollection::none;  // about this very field
    bool touched = false;
  };
  struct Vote {
    std::uint32_t field = 0, connector = 0;
    float similarity = 0;
  };
  // What the vectors of a column's name follow from: its words, and which the table's name has too.
  struct ReadName {
    std::string_view core{};
    std::vector<std::pair<std::uint32_t, bool>> words{};
    auto operator<=>(const ReadName&) const = default;
  };
  struct SourceName {
    std::vector<NameVector> vectors{};
    std::vector<std::uint32_t> columns{};
  };

  void recall(const MemoryEntity& entity, const TableFeatures& table,
              const std::vector<std::uint64_t>& sources) {
    columns_.assign(entity.fields.size(), Recollection::none);
    for (std::uint32_t at = 0; at < table.column_count; ++at) {
      const std::uint32_t column = table.first_column + at;
      const auto letters = target_.columns[column].full_hash;
      const auto found = std::find(entity.fields.begin(), entity.fields.end(), letters);
      if (found != entity.fields.end()) {
        columns_[static_cast<std::size_t>(found - entity.fields.begin())] = column;
      }
    }
    std::vector<std::uint64_t> target_stems;
    for (const auto term : target_.list(table.name)) {
      target_stems.push_back(target_.terms[term].hash);
    }
    std::sort(target_stems.begin(), target_stems.end());
    is_this_entity_.clear();
    for (const auto spelling : entity.spellings) {
      is_this_entity_.push_back(spelling == entity_name_);
    }
    kinships_.clear();
    contexts_.assign(source_.tables.size() * entity.tables.size(), 0.0F);
    for (std::size_t number = 0; number < source_.tables.size(); ++number) {
      std::vector<std::uint64_t> stems;
      for (const auto term : source_.list(source_.tables[number].name)) {
        stems.push_back(source_.terms[term].hash);
      }
      std::sort(stems.begin(), stems.end());
      kinships_.push_back(shared_stems(stems, target_stems));
      for (std::size_t other = 0; other < entity.tables.size(); ++other) {
        contexts_[number * entity.tables.size() + other] =
            shared_stems(stems, entity.tables[other]);
      }
    }
    seen_.assign(entity.fields.size(), {});
    for (const SourceName& name : names_of_source_) {
      compare(entity, name.vectors);
      if (!near_.empty()) {
        for (const std::uint32_t column : name.columns) {
          recall(entity, column, sources[column]);
        }
      }
    }
  }

  // Tables of one system have many columns of one name: each name is compared once.
  void join_name(std::uint32_t number) {
    const ColumnFeatures& column = source_.columns[number];
    const auto table = source_.list(source_.tables[column.table].name);
    const auto of_table = [&](std::uint32_t word) {
      return std::any_of(table.begin(), table.end(), [&](std::uint32_t other) {
        return source_.terms[other].hash == source_.terms[word].hash;
      });
    };
    ReadName name{column.core, {}};
    for (const auto word : source_.list(column.expanded)) {
      name.words.emplace_back(word, of_table(word));
    }
    const auto [known, added] = name_numbers_.emplace(std::move(name), names_of_source_.size());
    if (added) {
      read(known->first, names_of_source_.emplace_back().vectors);
    }
    names_of_source_[known->second].columns.push_back(number);
  }

  // The column's name, with and without the words that its table's name has too: "contact_id" of
  // contacts is their "id".
  void read(const ReadName& name, std::vector<NameVector>& vectors) const {
    std::vector<NameWord> words;
    std::vector<NameWord> others;
    std::string letters;
    for (const auto& [number, of_table] : name.words) {
      const Term& term = source_.terms[number];
      const float weight = term.number      ? memory_number_weight
                           : term.word == 0 ? 1.0F
                                            : memory_.lexicon_->weight(term.word);
      words.push_back({term.hash, term.word, weight});
      if (!of_table) {
        others.push_back(words.back());
        letters += term.text;
      }
    }
    vectors.emplace_back().build(*memory_.lexicon_, words, name.core);
    if (!others.empty() && others.size() < words.size()) {
      vectors.emplace_back().build(*memory_.lexicon_, others, letters);
    }
  }

  // Names of the entity that are near enough to the column's, in cosines_ and near_.
  void compare(const MemoryEntity& entity, const std::vector<NameVector>& vectors) {
    for (const NameVector& vector : vectors) {
      places_.resize(vector.features.size());
      for (std::size_t at = 0; at < places_.size(); ++at) {
        places_[at] = entity.place(vector.features[at].key);
      }
      std::size_t next = 0;
      const float length = vector.weigh(
          [&](std::uint32_t key) {
            // Asked in the order of the features.
            while (vector.features[next].key != key) {
              ++next;
            }
            const auto place = places_[next];
            return place == entity.keys.size() ? entity.unknown_rarity : entity.rarities[place];
          },
          weights_);
      // The first vector's products are the cosines; a second one's may be greater.
      auto& products = &vector == vectors.data() ? cosines_ : products_;
      products.assign(entity.names.size(), 0.0F);
      for (std::size_t feature = 0; feature < places_.size(); ++feature) {
        const auto place = places_[feature];
        if (place == entity.keys.size()) {
          continue;
        }
        const float weight = weights_[feature] / length;
        for (auto at = entity.begins[place]; at < entity.begins[place + 1]; ++at) {
          products[entity.postings[at].name] += weight * entity.postings[at].weight;
        }
      }
      if (&products != &cosines_) {
        for (std::size_t name = 0; name < products.size(); ++name) {
          cosines_[name] = std::max(cosines_[name], products[name]);
        }
      }
    }
    near_.clear();
    for (std::uint32_t name = 0; name < cosines_.size(); ++name) {
      if (cosines_[name] >= least_similarity) {
        near_.push_back(name);
      }
    }
  }

  void recall(const MemoryEntity& entity, std::uint32_t number, std::uint64_t source) {
    const ColumnFeatures& column = source_.columns[number];
    votes_.clear();
    for (std::size_t type = 0; type < type_classes; ++type) {
      is_other_type_[type] = type_compatibility(column.type, static_cast<TypeClass>(type)) < -0.5F;
    }
    const float* contexts = contexts_.data() + column.table * entity.tables.size();
    const bool is_cold = memory_.own_ < cold_start;
    float own_best = 0;
    // The tenant's own decisions first: they tell whether the shared ones are asked.
    for (const bool shared : {false, true}) {
      if (shared && own_best >= (is_cold ? own_answers_cold : own_answers)) {
        break;
      }
      for (const std::uint32_t at : near_) {
        const MemoryEntity::Name& name = entity.names[at];
        const bool same = name.letters == column.full_hash || name.letters == column.core_hash;
        float similarity = same ? 1.0F : std::min(cosines_[at], other_name);
        similarity *= name.numbers == column.numbers ? 1.0F : other_number;
        if (similarity < least_similarity) {
          continue;
        }
        if (name.count == 0) {
          Seen& seen = seen_[name.field];
          seen.touched = true;
          seen.best.bearing = std::max(seen.best.bearing, similarity);
          continue;
        }
        for (const Use& use : uses_of(entity, name, shared)) {
          own_best =
              std::max(own_best, take(use, similarity, same, contexts[use.table], source, shared));
        }
      }
    }
    conclude(number, kinships_[column.table]);
  }

  std::span<const Use> uses_of(const MemoryEntity& entity, const MemoryEntity::Name& name,
                               bool shared) const {
    const std::span<const Use> uses{entity.uses.data() + name.first, name.count};
    const auto first_shared = std::find_if(
        uses.begin(), uses.end(), [&](const Use& use) { return memory_.is_shared(use.decision); });
    const auto own = static_cast<std::size_t>(first_shared - uses.begin());
    return shared ? uses.subspan(own) : uses.first(own);
  }

  // Counts one decision; gives back how near it is.
  float take(const Use& use, float similarity, bool same, float context, std::uint64_t source,
             bool shared) {
    const bool exact_entity = is_this_entity_[use.spelling];
    const bool settled = use.source == source && exact_entity && !shared;
    if (!settled) {
      similarity *= 1 - context_part + context_part * context;
      similarity *= exact_entity || shared ? 1.0F : other_entity;
      similarity *= is_other_type_[static_cast<std::size_t>(use.type)] ? other_type : 1.0F;
    }
    Seen& seen = seen_[use.field];
    seen.touched = true;
    Recollection& best = seen.best;
    const bool approved = use.verdict == Verdict::approved;
    if (settled) {
      seen.ruling = use.decision;
    }
    if (approved) {
      vote({use.field, use.connector, similarity});
      if (settled || similarity > best.similarity) {
        best.similarity = similarity;
        best.context = context;
        best.approved = use.decision;
        best.same_name = same;
      }
    } else {
      const float weight =
          use.verdict == Verdict::withdrawn ? withdrawn_part * similarity : similarity;
      if (settled || weight > best.against) {
        best.against = weight;
        best.rejected = use.decision;
      }
    }
    if (!shared && same) {
      auto& side = approved ? seen.own_for : seen.own_against;
      auto& cited = approved ? seen.own_approved : seen.own_rejected;
      if (similarity > side) {
        side = similarity;
        cited = use.decision;
      }
    }
    return similarity;
  }

  // Decisions of one system about one field mostly come one after another.
  void vote(const Vote& vote) {
    if (!votes_.empty() && votes_.back().field == vote.field &&
        votes_.back().connector == vote.connector) {
      votes_.back().similarity = std::max(votes_.back().similarity, vote.similarity);
    } else {
      votes_.push_back(vote);
    }
  }

  void conclude(std::uint32_t number, float kinship) {
    // A system that says the same ten times says it once.
    std::sort(votes_.begin(), votes_.end(), [](const Vote& a, const Vote& b) {
      return std::tie(a.field, a.connector, b.similarity) <
             std::tie(b.field, b.connector, a.similarity);
    });
    float total = 0;
    for (std::size_t at = 0; at < votes_.size(); ++at) {
      const Vote& vote = votes_[at];
      if (at > 0 && votes_[at - 1].field == vote.field &&
          votes_[at - 1].connector == vote.connector) {
        continue;
      }
      Seen& seen = seen_[vote.field];
      const float mass = std::pow(vote.similarity, sharpness);
      seen.mass += mass;
      total += mass;
      if (vote.similarity >= agreeing * seen.best.similarity) {
        ++seen.best.systems;
      }
    }
    const std::size_t first = found_.size();
    for (std::size_t field = 0; field < seen_.size(); ++field) {
      Seen& seen = seen_[field];
      if (!seen.touched || columns_[field] == Recollection::none) {
        continue;
      }
      Recollection& best = seen.best;
      settle(seen);
      best.source = number;
      best.target = columns_[field];
      best.kinship = kinship;
      best.one_pair = source_.tables.size() == 1 && target_.tables.size() == 1;
      best.share = seen.mass / (total + doubt);
      best.rival = best.settled ? Recollection::none : rival_of(field);
      best.log_odds = recalled_log_odds(best);
      found_.push_back(best);
    }
    // What one decision settles, others of the same name no longer dispute.
    if (std::any_of(found_.begin() + static_cast<std::ptrdiff_t>(first), found_.end(),
                    [](const Recollection& one) {
                      return one.settled && one.approved != Recollection::none;
                    })) {
      for (std::size_t at = first; at < found_.size(); ++at) {
        found_[at].rival = Recollection::none;
      }
    }
    for (Seen& seen : seen_) {
      if (seen.touched) {
        seen = {};
      }
    }
  }

  // What was decided for this very field holds, whatever is said of others.
  void settle(Seen& seen) const {
    if (seen.ruling == Recollection::none) {
      return;
    }
    Recollection& best = seen.best;
    best.settled = true;
    if (memory_.decisions_[seen.ruling].ruling.verdict == Verdict::approved) {
      best.approved = seen.ruling;
      best.similarity = 1;
      best.rejected = Recollection::none;
      best.against = 0;
    } else {
      best.rejected = seen.ruling;
      best.against = 1;
      best.approved = Recollection::none;
      best.similarity = 0;
    }
  }

  // A decision of the tenant about a field of this name that says otherwise.
  std::uint32_t rival_of(std::size_t field) const {
    const Seen& seen = seen_[field];
    if (seen.own_for < same_question) {
      return Recollection::none;
    }
    if (seen.own_against >= as_good * seen.own_for) {
      return seen.own_rejected;
    }
    std::uint32_t rival = Recollection::none;
    float best = 0;
    for (std::size_t other = 0; other < seen_.size(); ++other) {
      if (other != field && seen_[other].own_for >= as_good * seen.own_for &&
          seen_[other].own_for > best &&
          !same_source(seen.own_approved, seen_[other].own_approved)) {
        best = seen_[other].own_for;
        rival = seen_[other].own_approved;
      }
    }
    return rival;
  }

  // One field that feeds two targets is no disagreement.
  bool same_source(std::uint32_t a, std::uint32_t b) const {
    const auto& left = memory_.decisions_[a].key;
    const auto& right = memory_.decisions_[b].key;
    return left.connector == right.connector && left.source_table == right.source_table &&
           left.source_field == right.source_field;
  }

  const Memory& memory_;
  const Side& source_;
  const Side& target_;
  const RecallNames& names_;
  std::string entity_name_{};
  std::vector<Recollection> found_{};
  std::vector<bool> is_this_entity_{};              // by spelling of its name
  std::vector<std::uint32_t> columns_{};            // of the entity's fields
  std::array<bool, type_classes> is_other_type_{};  // than the column's, hopelessly
  std::vector<float> contexts_{}, kinships_{}, cosines_{}, products_{};
  std::vector<SourceName> names_of_source_{};
  std::map<ReadName, std::size_t> name_numbers_{};
  std::vector<std::size_t> places_{};
  std::vector<float> weights_{};
  std::vector<std::uint32_t> near_{};
  std::vector<Seen> seen_{};
  std::vector<Vote> votes_{};
};

Recollections Memory::recall(const Side& source, const Side& target,
                             const RecallNames& names) const {
  if (decisions_.empty()) {
    return {};
  }
  return Recaller{*this, source, target, names}.run();
}

}  // namespace mapctl::matching
