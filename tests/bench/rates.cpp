// SPDX-License-Identifier: Apache-2.0
// What is done for each value of a column and for each proposed field.
#include "core/catalog/profiler.hpp"
#include "core/mapping/proposal.hpp"
#include "tests/bench/figure.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mapctl;

void bench_classify() {
  const std::vector<std::string> values{
      "42", "jane@example.com", "Jane Doe",       "2026-01-31", "true",      "1234.50", "open",
      "DE", "0171 123456",      "Main Street 12", "A-1023",     "31/01/2026"};
  constexpr int rounds = 20'000;
  std::size_t seen = 0;
  const double seconds = bench::fastest(5, [&] {
    for (int round = 0; round < rounds; ++round) {
      for (const std::string& value : values) {
        seen += catalog::classify(value).count();
      }
    }
  });
  if (seen == 0) {
    throw std::runtime_error{"no value has a pattern"};
  }
  bench::figure("rates", "short values classified",
                rounds * static_cast<double>(values.size()) / seconds, "values/s", 3'000'000,
                bench::Better::higher);
}

void bench_write_fields() {
  mapping::Candidate candidate;
  candidate.target_column = catalog::ColumnName{"email_address"};
  candidate.score = 0.7;
  candidate.confidence = 0.9;
  candidate.evidence.assign(8, {"name_tokens", 0.7, 1.25, "the names share the word 'email'"});
  mapping::FieldProposal field;
  field.source_column = catalog::ColumnName{"Email__c"};
  field.decision = {0};
  field.candidates.assign(5, candidate);
  constexpr int rounds = 2'000;
  std::string out;
  const double seconds = bench::fastest(5, [&] {
    for (int round = 0; round < rounds; ++round) {
      out.clear();
      append_json(out, field);
    }
  });
  bench::figure("rates", "fields of 5 candidates with 8 reasons written as JSON", rounds / seconds,
                "fields/s", 50'000, bench::Better::higher);
}

}  // namespace

int main() {
  bench_classify();
  bench_write_fields();
  return EXIT_SUCCESS;
}
