// SPDX-License-Identifier: Apache-2.0
// Times of the matcher on names made from real ones, without data:
//   bench_matching_speed REPOSITORY
#include "core/catalog/types.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/matcher.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/bench/figure.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;

namespace {

// Words and styles as column names have them; every side draws its own style.
const std::vector<std::string> words{
    "customer", "account",  "order",    "invoice",     "payment",  "product",   "contact",
    "email",    "phone",    "address",  "street",      "city",     "country",   "postal",
    "code",     "name",     "first",    "last",        "created",  "updated",   "date",
    "time",     "amount",   "total",    "tax",         "price",    "quantity",  "unit",
    "status",   "type",     "category", "description", "owner",    "user",      "id",
    "number",   "currency", "region",   "source",      "target",   "start",     "end",
    "due",      "paid",     "shipping", "billing",     "discount", "weight",    "height",
    "width",    "color",    "size",     "brand",       "vendor",   "warehouse", "stock",
    "level",    "score",    "rate",     "plan",        "version",  "language",  "timezone",
    "comment"};
const std::vector<std::string> types{"integer",   "varchar(80)", "decimal(12,2)", "date",
                                     "timestamp", "boolean",     "text"};

std::shared_ptr<const catalog::Catalog> make_catalog(std::size_t tables, std::size_t columns,
                                                     unsigned seed, bool camel) {
  std::mt19937 random{seed};
  auto result = std::make_shared<catalog::Catalog>();
  auto& schema = result->schemas.emplace_back();
  for (std::size_t number = 0; number < tables; ++number) {
    auto& table = schema.tables.emplace_back();
    table.name =
        catalog::TableName{fmt::format("{}_{:03}", words[random() % words.size()], number)};
    for (std::size_t at = 0; at < columns; ++at) {
      auto& column = table.columns.emplace_back();
      std::string name;
      const std::size_t count = 1 + random() % 3;
      for (std::size_t word = 0; word < count; ++word) {
        std::string text = words[random() % words.size()];
        if (random() % 8 == 0 && text.size() > 4) {
          std::erase_if(text, [](char c) { return c == 'a' || c == 'e' || c == 'o'; });
        }
        if (camel) {
          text[0] = static_cast<char>(text[0] - 'a' + 'A');
        } else if (word > 0) {
          name += '_';
        }
        name += text;
      }
      if (columns > 500 && random() % 3 == 0) {
        name += fmt::format("{}{}", camel ? "" : "_", random() % 90);
      }
      column.name = catalog::ColumnName{name};
      column.position = static_cast<int>(at + 1);
      column.type = catalog::parse_data_type(types[random() % types.size()]);
    }
  }
  return result;
}

long resident_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

double batch(const matching::Lexicon& lexicon, const matching::Matcher& matcher,
             const std::shared_ptr<const catalog::Catalog>& source,
             const std::shared_ptr<const catalog::Catalog>& target, unsigned threads) {
  return bench::fastest(1, [&] {
    const auto from = matching::prepare(source, lexicon);
    const auto to = matching::prepare(target, lexicon);
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> workers;
    for (unsigned thread = 0; thread < threads; ++thread) {
      workers.emplace_back([&] {
        for (auto job = next++; job < from->tables().size(); job = next++) {
          const auto proposal =
              matcher.match(*from, from->tables()[job].ref, *to, to->tables()[job].ref, {});
          if (proposal.fields.empty()) {
            std::terminate();
          }
        }
      });
    }
  });
}

int run(const std::string& repository) {
  const std::array profiles{std::filesystem::path{repository} / "profiles"};
  matching::Knowledge knowledge;
  const double loading = bench::fastest(5, [&] { knowledge = matching::load_knowledge(profiles); });
  const auto& lexicon = knowledge.lexicon;
  bench::figure("matching", "lexicon and model loaded", 1000 * loading, "ms", 10);
  const matching::Matcher matcher{knowledge, {}};
  struct Size {
    std::size_t columns;
    int rounds;
    double limit;  // milliseconds
  };
  for (const Size& size : {Size{25, 5, 0}, Size{200, 5, 20}, Size{2000, 2, 1500}}) {
    const auto source = make_catalog(1, size.columns, 1, true);
    const auto target = make_catalog(1, size.columns, 2, false);
    const double seconds = bench::fastest(size.rounds, [&] {
      const auto from = matching::prepare(source, *lexicon);
      const auto to = matching::prepare(target, *lexicon);
      static_cast<void>(matcher.match(*from, from->tables()[0].ref, *to, to->tables()[0].ref, {}));
    });
    bench::figure("matching", fmt::format("{0} x {0} columns without data", size.columns),
                  1000 * seconds, "ms", size.limit);
  }
  bench::figure("matching", "peak memory until here",
                static_cast<double>(resident_kilobytes()) / 1024, "MB", 200);
  const auto source = make_catalog(200, 25, 3, true);
  const auto target = make_catalog(200, 25, 4, false);
  for (const unsigned threads : {1U, 2U}) {
    constexpr int rounds = 5;
    constexpr double fields = 200 * 25;
    double best = 1e9;
    const double before = bench::processor_seconds();
    for (int round = 0; round < rounds; ++round) {
      best = std::min(best, batch(*lexicon, matcher, source, target, threads));
    }
    const std::string name = fmt::format("200 pairs of 25 x 25, {} threads", threads);
    bench::figure("matching", name, fields / best, "fields/s", 0, bench::Better::higher);
    bench::figure("matching", name + ": processor time a field",
                  1e6 * (bench::processor_seconds() - before) / rounds / fields, "us");
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    if (count < 2) {
      fmt::print(stderr, "usage: bench_matching_speed REPOSITORY\n");
      return 2;
    }
    return run(values[1]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
