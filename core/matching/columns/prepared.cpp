// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/prepared.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/matching/columns/inferred_keys.hpp"
#include "core/matching/columns/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mapctl::matching {

bool Side::has_word(const TermRange& range,
                    std::initializer_list<std::string_view> words) const noexcept {
  const auto own = list(range);
  return std::any_of(own.begin(), own.end(), [&](std::uint32_t term) {
    return std::find(words.begin(), words.end(), terms[term].text) != words.end();
  });
}

Prepared::Prepared(std::shared_ptr<const catalog::Catalog> catalog,
                   std::shared_ptr<const Lexicon> lexicon)
    : catalog_{std::move(catalog)},
      lexicon_{std::move(lexicon)},
      tables_{catalog_->tables()},
      slots_{std::make_unique<Slot[]>(tables_.size() + 1)} {
  for (std::size_t at = 0; at < tables_.size(); ++at) {
    index_.emplace(tables_[at].ref, at);
  }
}

const Side& Prepared::built(Slot& slot, std::vector<catalog::Catalog::Entry> tables) const {
  std::call_once(keys_once_, [&] { keys_ = infer_keys(tables_); });
  std::call_once(slot.once, [&] { slot.side = build_side(tables, *lexicon_, keys_); });
  return *slot.side;
}

const Side& Prepared::table(std::size_t index) const {
  return built(slots_[index], {tables_[index]});
}

const Side& Prepared::table(const catalog::TableRef& ref) const {
  if (const auto found = index_.find(ref); found != index_.end()) {
    return table(found->second);
  }
  std::vector<std::string> known;
  for (std::size_t at = 0; at < tables_.size(); ++at) {
    const auto& other = tables_[at].ref;
    if (catalog_->names_ignore_case && equal_ignoring_case(other.schema.text, ref.schema.text) &&
        equal_ignoring_case(other.table.text, ref.table.text)) {
      return table(at);
    }
    known.push_back(catalog::to_string(other));
  }
  const auto name = catalog::to_string(ref);
  throw Error{ErrorCode::not_found, fmt::format("no table '{}' in the catalog", name),
              suggestion(name, known)};
}

const Side& Prepared::whole() const {
  return built(slots_[tables_.size()], tables_);
}

std::shared_ptr<const Prepared> prepare(std::shared_ptr<const catalog::Catalog> catalog,
                                        const Lexicon& lexicon) {
  return std::make_shared<const Prepared>(std::move(catalog), lexicon.shared_from_this());
}

}  // namespace mapctl::matching
