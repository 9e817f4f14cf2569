// SPDX-License-Identifier: Apache-2.0
#include "core/matching/columns/reading.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/knowledge.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;

namespace {

NameReading read(std::string_view name) {
  NameReading reading;
  Tokenizer{*test::shipped_lexicon()}.read(name, reading);
  return reading;
}

bool reads_description(std::string_view name, std::string_view description) {
  NameReading described;
  return read_description(description, read(name), *test::shipped_lexicon(), described);
}

// The first words of the names once the states among them are read.
std::vector<std::string> with_states_read(const std::vector<std::string_view>& names,
                                          std::size_t word) {
  std::vector<NameReading> readings;
  for (const auto name : names) {
    readings.push_back(read(name));
  }
  read_states_of_addresses(readings, *test::shipped_lexicon());
  std::vector<std::string> words;
  for (const auto& reading : readings) {
    words.emplace_back(reading.expanded.at(word).text);
  }
  return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a description is read where a name says nothing and is not in it", "[matching]") {
  CHECK(reads_description("zzqx", "customer number"));
  CHECK_FALSE(reads_description("zzqx", "customer number ZZQX"));
  CHECK_FALSE(reads_description("zzqx", ""));
}

TEST_CASE("only the beginning of a description is looked through for the name", "[matching]") {
  const std::string filler(longest_description, ' ');
  CHECK(reads_description("zzqx", "customer number." + filler + "zzqx"));
}

TEST_CASE("a name is found in a description that is spelled with other letters", "[matching]") {
  CHECK_FALSE(reads_description("zzstraqe", "Customer number zzstráqe"));
}

TEST_CASE("a state beside a city is a province, with the words before both alike", "[matching]") {
  CHECK(with_states_read({"state", "city"}, 0) == Words{"province", "city"});
  CHECK(with_states_read({"billing_state", "billing_city"}, 1) == Words{"province", "city"});
  CHECK(with_states_read({"billing_state", "shipping_city"}, 1) == Words{"state", "city"});
  CHECK(with_states_read({"payment_state", "shipping_city"}, 1) == Words{"status", "city"});
}

TEST_CASE("states of many columns are read in no time that grows with their square", "[matching]") {
  std::vector<NameReading> readings(50'000);
  for (auto& reading : readings) {
    Tokenizer{*test::shipped_lexicon()}.read("state", reading);
  }
  const auto begin = std::chrono::steady_clock::now();
  read_states_of_addresses(readings, *test::shipped_lexicon());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
}

TEST_CASE("mail that goes to a city is post, and else e-mail", "[matching]") {
  const Tokenizer tokenizer{*test::shipped_lexicon()};
  const auto words = [&](const std::vector<std::string_view>& names) {
    std::vector<NameReading> readings;
    for (const auto name : names) {
      readings.push_back(read(name));
    }
    read_mail_as_post(readings, tokenizer);
    Words first;
    for (const auto& reading : readings) {
      first.emplace_back(reading.expanded.front().text);
    }
    return first;
  };
  CHECK(words({"MailAddr", "MailCity", "Mail"}) == Words{"mailing", "mailing", "email"});
  CHECK(words({"mail_address", "city"}) == Words{"email", "city"});
}
