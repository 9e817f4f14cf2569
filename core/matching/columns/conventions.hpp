// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/matching/columns/prepared.hpp"
#include "core/matching/words/lexicon.hpp"

namespace mapctl::matching {

// Which fields of business most words of a side hint at, as bits; 0 when hardly any does.
std::uint64_t domains_of(const Side& side, const Lexicon& lexicon);

// Fills Side::domains, and for the fields of business found what tables and columns are by their
// conventions. Call it when all columns are there.
void read_conventions(Side& side, const Lexicon& lexicon);

// 1: the same thing in tables of the same kind, less where the tables' kinds are not known or
// differ; -0.6: different things; 0 where one is not known. Symmetric.
float convention_agreement(const Side& source, const ColumnFeatures& left, const Side& target,
                           const ColumnFeatures& right) noexcept;

// 1: tables of one kind, less where only a description says so, 0: not known to be. Symmetric.
float kinds_agreement(const TableFeatures& left, const TableFeatures& right) noexcept;

}  // namespace mapctl::matching
