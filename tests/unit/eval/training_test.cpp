// SPDX-License-Identifier: Apache-2.0
#include "core/eval/training.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/eval/linear_fit.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/eval/task_files.hpp"

#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::eval;
using namespace mapctl::test;
using matching::Feature;
using matching::Features;

namespace {

namespace fs = std::filesystem;

void write_suites(const fs::path& folder) {
  write_task(folder / "shop_a" / "one",
             "t,order_no,text,\nt,cust_nm,text,\nt,qty,integer,\nt,note,text,\n",
             "u,customer_name,text,\nu,order_number,text,\nu,quantity,integer,\nu,colour,text,\n",
             "t,order_no,u,order_number\nt,cust_nm,u,customer_name\nt,qty,u,quantity\n");
  write_task(folder / "shop_b" / "one", "t,email,text,\nt,phone,text,\nt,fax,text,\n",
             "u,email_address,text,\nu,phone_number,text,\nu,web,text,\n",
             "t,email,u,email_address\nt,phone,u,phone_number\n");
  write_task(folder / "bank" / "one", "t,iban,text,\nt,amount,decimal,\nt,day,date,\n",
             "u,iban,text,\nu,amount,decimal,\nu,currency,text,\n",
             "t,iban,u,iban\nt,amount,u,amount\n");
}

std::shared_ptr<const matching::Lexicon> no_lexicon(const fs::path& folder) {
  const std::vector<fs::path> folders{folder / "lexicon"};
  return matching::Lexicon::load(folders);
}

}  // namespace

TEST_CASE("fitted weights stay at zero or above", "[eval]") {
  std::vector<Features> features(400);
  std::vector<LinearSample> samples;
  std::mt19937 random{7};
  for (auto& one : features) {
    const bool right = random() % 2 == 0;
    const auto noise = static_cast<float>(random() % 100) / 200;
    matching::at(one, Feature::tokens) = (right ? 0.5F : 0.0F) + noise;
    matching::at(one, Feature::edit) = (right ? 0.0F : 0.5F) + noise;
    matching::at(one, Feature::type) = 0.5F - noise;
    samples.push_back({&one, 1, right});
  }
  const auto number = [](Feature feature) { return static_cast<std::size_t>(feature); };
  const auto weights =
      fit_weights(samples, {number(Feature::tokens), number(Feature::edit), number(Feature::type)},
                  {{number(Feature::edit), {1.0, 1.0, 0.25}}});
  CHECK(weights.of[number(Feature::tokens)] > 1);
  CHECK(weights.of[number(Feature::edit)] == test::Approx(0.25));
  CHECK(weights.of[number(Feature::type)] >= 0);
}

TEST_CASE("training gives the same model again, and another one when a family is left out",
          "[eval]") {
  const TemporaryDirectory folder;
  write_suites(folder.path());
  const auto lexicon = no_lexicon(folder.path());
  TrainingSet training{training_suites(folder.path(), {}), lexicon, {}};
  const auto all = training.train({}, {}, {});
  const auto without = training.train({}, "shop", {});
  const auto again = training.train({}, {}, {});
  CHECK(all.own.of == again.own.of);
  CHECK(all.full.of == again.full.of);
  CHECK(all.own.of != without.own.of);
  TrainingSet fresh{training_suites(folder.path(), {}), lexicon, {}};
  CHECK(fresh.train({}, "shop", {}).full.of == without.full.of);
}

TEST_CASE("nothing is trained when every suite is left out", "[eval]") {
  const TemporaryDirectory folder;
  write_task(folder.path() / "bank" / "one", "t,iban,text,\n", "u,iban,text,\n", "t,iban,u,iban\n");
  TrainingSet training{training_suites(folder.path(), {}), no_lexicon(folder.path()), {}};
  CHECK_THROWS_AS(training.train("bank", {}, {}), Error);
}

TEST_CASE("suites belong to the family that a file names, or that their names begin with",
          "[eval]") {
  const TemporaryDirectory folder;
  write_suites(folder.path());
  const auto file = folder.path() / "families.tsv";
  write_file_atomically(file, "# remark\nshop_b\tmail\tgaps\t\t0.5\nbank\tmoney\tnone\n");
  const auto suites = training_suites(folder.path(), file);
  REQUIRE(suites.size() == 2);
  CHECK(suites[0].suite == "shop_a");
  CHECK(suites[0].family == "shop");
  CHECK_FALSE(suites[0].gaps);
  CHECK(suites[1].family == "mail");
  CHECK(suites[1].gaps);
  CHECK(suites[0].weight == 1);
  CHECK(suites[1].weight == 0.5);
  CHECK(family_of("bank", file) == "money");
  CHECK(family_of("shop_c", file) == "shop");
  write_file_atomically(file, "# remark\r\n\r\nbank\tmoney\tall\t\t0.5\r\nshop_b\tmail\tgaps\r\n");
  CHECK(training_suites(folder.path(), file).size() == 3);
  CHECK(family_of("bank", file) == "money");
  write_file_atomically(file, "shop_b\tmail\tsome\n");
  CHECK_THROWS_WITH(training_suites(folder.path(), file),
                    Catch::Matchers::ContainsSubstring("line 1"));
  write_file_atomically(file, "shop_b\tmail\tall\t\tmuch\n");
  CHECK_THROWS_WITH(training_suites(folder.path(), file),
                    Catch::Matchers::ContainsSubstring("line 1: 'much' is no weight"));
}
