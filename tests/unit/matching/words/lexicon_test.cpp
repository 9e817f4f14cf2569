// SPDX-License-Identifier: Apache-2.0
#include "core/matching/words/lexicon.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/matching/signals/similarity.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/source_path.hpp"
#include "tests/unit/matching/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace mapctl;
using matching::Lexicon;

namespace {

std::string expansion_of(const Lexicon& lexicon, std::string_view word, std::size_t index) {
  std::string text;
  for (const auto part : lexicon.expansion(lexicon.find(word), index)) {
    text += text.empty() ? "" : " ";
    text += lexicon.text(part);
  }
  return text;
}

bool share_listed_group(const Lexicon& lexicon, std::string_view left, std::string_view right) {
  const auto others = lexicon.listed_groups(lexicon.find(right));
  const auto groups = lexicon.listed_groups(lexicon.find(left));
  return std::any_of(groups.begin(), groups.end(), [&](const auto& one) {
    return std::any_of(others.begin(), others.end(),
                       [&](const auto& other) { return one.group == other.group; });
  });
}

}  // namespace

TEST_CASE("the shipped lexicon loads and knows common abbreviations", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  CHECK(lexicon->size() > 2000);
  CHECK(expansion_of(*lexicon, "cust", 0) == "customer");
  CHECK(lexicon->weight(lexicon->find("the")) == 0);
  CHECK(lexicon->prefix_length("hs_object") == 3);
  CHECK(lexicon->suffix_length("region__c") == 3);
  CHECK_FALSE(lexicon->domains().empty());
  CHECK(lexicon->find("no such word at all") == 0);
}

TEST_CASE("an abbreviation keeps all its expansions, likeliest first", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  REQUIRE(lexicon->expansion_count(lexicon->find("act")) >= 2);
  CHECK(expansion_of(*lexicon, "act", 0) == "account");
}

TEST_CASE("a later folder's expansion comes first and its stop words replace", "[matching]") {
  const TemporaryDirectory first;
  const TemporaryDirectory second;
  write_file_atomically(first.path() / "abbreviations.tsv",
                        "cl\tclient\n# comment\n\nqty\tquantity\r\n");
  write_file_atomically(first.path() / "stopwords.tsv", "row\t0.2\n");
  write_file_atomically(second.path() / "abbreviations.tsv", "cl\tcolour code\n");
  write_file_atomically(second.path() / "stopwords.tsv", "row\t1\n");
  const std::vector<std::filesystem::path> folders{first.path(), second.path()};
  const auto lexicon = Lexicon::load(folders);
  CHECK(expansion_of(*lexicon, "cl", 0) == "colour code");
  CHECK(expansion_of(*lexicon, "cl", 1) == "client");
  CHECK(expansion_of(*lexicon, "qty", 0) == "quantity");
  CHECK(lexicon->weight(lexicon->find("row")) == 1);
}

TEST_CASE("listed words are words, and no abbreviations or synonyms of any", "[matching]") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "words.tsv", "# comment\nvoyage\n hierarchy \r\n");
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  CHECK(lexicon->size() == 2);
  for (const auto* const text : {"voyage", "hierarchy"}) {
    const auto word = lexicon->find(text);
    REQUIRE(word != 0);
    CHECK(lexicon->is_word(word));
    CHECK(lexicon->weight(word) == 1);
    CHECK(lexicon->expansion_count(word) == 0);
    CHECK(lexicon->groups(word).empty());
  }
}

TEST_CASE("no shipped abbreviation or foreign word is listed as a word too", "[matching]") {
  // It would never be read as what it stands for.
  const auto lexicon = test::shipped_lexicon();
  std::ifstream words{test::source_path("profiles/lexicon/words.tsv")};
  std::size_t count = 0;
  for (std::string line; std::getline(words, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    ++count;
    const auto word = lexicon->find(line);
    REQUIRE(word != 0);
    INFO(line);
    CHECK(lexicon->expansion_count(word) == 0);
    CHECK(lexicon->translation(word).empty());
  }
  CHECK(count > 1000);
}

TEST_CASE("a word is on one side of each contrast that it is part of", "[matching]") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "contrasts.tsv",
                        "start begin\tend finish\nof=tables\tfirst\tlast end\tmiddle\n");
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  const auto sides = [&](std::string_view word) { return lexicon->contrasts(lexicon->find(word)); };
  REQUIRE(sides("end").size() == 2);
  CHECK(sides("end")[0].contrast == sides("begin")[0].contrast);
  CHECK(sides("end")[0].side == sides("finish")[0].side);
  CHECK(sides("end")[0].side != sides("begin")[0].side);
  CHECK(sides("middle")[0].contrast == sides("end")[1].contrast);
  CHECK_FALSE(sides("end")[0].of_tables);
  CHECK(sides("end")[1].of_tables);
  CHECK(sides("unheard").empty());
  write_file_atomically(folder.path() / "contrasts.tsv", "start begin\n");
  CHECK_THROWS_AS(Lexicon::load(folders), Error);
}

TEST_CASE("no words exclude each other and stand for each other", "[matching]") {
  const auto lexicon = test::shipped_lexicon();
  std::ifstream lines{test::source_path("profiles/lexicon/contrasts.tsv")};
  std::size_t count = 0;
  const auto check_apart = [&](std::string_view left, std::string_view right) {
    for (const auto one : split(left, ' ')) {
      for (const auto other : split(right, ' ')) {
        ++count;
        INFO(one << " and " << other);
        const auto weight =
            matching::synonym_weight(*lexicon, lexicon->find(one), lexicon->find(other));
        CHECK(weight < 1);
        CHECK((weight == 0 || share_listed_group(*lexicon, one, other)));  // not by a third word
      }
    }
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    auto sides = split(line, '\t');
    std::erase(sides, "of=tables");
    for (std::size_t side = 1; side < sides.size(); ++side) {
      for (std::size_t earlier = 0; earlier < side; ++earlier) {
        check_apart(sides[earlier], sides[side]);
      }
    }
  }
  CHECK(count > 100);
}

TEST_CASE("synonym groups have weights and phrases", "[matching]") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "synonyms.tsv",
                        "vendor\tsupplier\nweight=0.5\tjob title\trole\n");
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  REQUIRE(lexicon->groups(lexicon->find("vendor")).size() == 1);
  CHECK(lexicon->groups(lexicon->find("vendor"))[0].group ==
        lexicon->groups(lexicon->find("supplier"))[0].group);
  CHECK(lexicon->groups(lexicon->find("job title"))[0].weight == 0.5F);
  CHECK(lexicon->starts_phrase(lexicon->find("job")));
  CHECK_FALSE(lexicon->starts_phrase(lexicon->find("role")));
  CHECK(lexicon->begins_phrase(lexicon->find("job"), lexicon->find("title")));
  CHECK_FALSE(lexicon->begins_phrase(lexicon->find("title"), lexicon->find("job")));
}

TEST_CASE("a phrase is known by what its abbreviations stand for, too", "[matching]") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "abbreviations.tsv", "id\tidentifier\n");
  write_file_atomically(folder.path() / "synonyms.tsv", "national id\tsocial security number\n");
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  const auto phrase = lexicon->find("national identifier");
  REQUIRE(lexicon->groups(phrase).size() == 1);
  CHECK(lexicon->groups(phrase)[0].group ==
        lexicon->groups(lexicon->find("social security number"))[0].group);
  CHECK(lexicon->starts_phrase(lexicon->find("national")));
  CHECK(lexicon->begins_phrase(lexicon->find("national"), lexicon->find("identifier")));
}

TEST_CASE("words that have a synonym in common are synonyms, but less", "[matching]") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "synonyms.tsv",
                        "subject\tsummary\nsummary\tshort description\n"
                        "weight=0.6\tshort description\tcaption\n");
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  const auto weight = [&](const char* left, const char* right) {
    return synonym_weight(*lexicon, lexicon->find(left), lexicon->find(right));
  };
  CHECK(weight("subject", "summary") == 1);
  CHECK(weight("subject", "short description") == Catch::Approx(0.7));
  CHECK(weight("short description", "caption") == Catch::Approx(0.6));
  CHECK(weight("summary", "caption") == 0);
  CHECK(lexicon->listed_groups(lexicon->find("summary")).size() == 2);
  CHECK(lexicon->listed_groups(lexicon->find("subject")).size() == 1);
  CHECK(lexicon->groups(lexicon->find("subject")).size() == 2);
}

TEST_CASE("a word of many meanings makes no synonyms of what they are", "[matching]") {
  const TemporaryDirectory folder;
  std::string lines;
  for (int number = 1; number <= 7; ++number) {
    lines += fmt::format("set\tmeaning{}\n", number);
  }
  write_file_atomically(folder.path() / "synonyms.tsv", lines);
  const std::vector<std::filesystem::path> folders{folder.path()};
  const auto lexicon = Lexicon::load(folders);
  CHECK(synonym_weight(*lexicon, lexicon->find("set"), lexicon->find("meaning7")) == 1);
  CHECK(synonym_weight(*lexicon, lexicon->find("meaning1"), lexicon->find("meaning2")) == 0);
}

TEST_CASE("a later folder's abbreviations are known to an earlier one's phrases", "[matching]") {
  const TemporaryDirectory shipped;
  const TemporaryDirectory own;
  write_file_atomically(shipped.path() / "synonyms.tsv",
                        "nbr of seats\tcapacity\nnumber of seats\tcovers\n");
  write_file_atomically(own.path() / "abbreviations.tsv", "nbr\tnumber\n");
  const std::vector<std::filesystem::path> folders{shipped.path(), own.path()};
  const auto lexicon = Lexicon::load(folders);
  const auto groups = lexicon->listed_groups(lexicon->find("number of seats"));
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].group == lexicon->groups(lexicon->find("capacity"))[0].group);
  CHECK(groups[1].group == lexicon->groups(lexicon->find("covers"))[0].group);
}

TEST_CASE("a wrong line is named with its file and number", "[matching]") {
  const TemporaryDirectory folder;
  const auto load = [&] {
    const std::vector<std::filesystem::path> folders{folder.path()};
    return Lexicon::load(folders);
  };
  const auto fails_with = [&](std::string_view part) {
    try {
      load();
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::configuration);
      CHECK(std::string_view{error.what()}.find(part) != std::string_view::npos);
      return true;
    }
    return false;
  };
  write_file_atomically(folder.path() / "stopwords.tsv", "a\t0\nthe\tmuch\n");
  CHECK(fails_with("line 2: 'much'"));
  write_file_atomically(folder.path() / "stopwords.tsv", "a\t0\n");
  write_file_atomically(folder.path() / "affixes.tsv", "infix\tx\n");
  CHECK(fails_with("affixes.tsv', line 1"));
  write_file_atomically(folder.path() / "affixes.tsv", "");
  write_file_atomically(folder.path() / "synonyms.tsv", "alone\n");
  CHECK(fails_with("two members"));
  write_file_atomically(folder.path() / "synonyms.tsv", "");
  write_file_atomically(folder.path() / "roles.tsv", "colour\tred\n");
  CHECK(fails_with("'colour' is no role"));
  write_file_atomically(folder.path() / "roles.tsv", "code\n");
  CHECK(fails_with("a role and a word are needed"));
  write_file_atomically(folder.path() / "roles.tsv", "");
  for (const std::string key : {"due_date", "due date", "due-date"}) {
    write_file_atomically(folder.path() / "domains.tsv", "hr\tsalary\nfinance\t" + key + '\n');
    CHECK(fails_with("domains.tsv', line 2: '" + key + "' is several words"));
  }
}

TEST_CASE("folders and files that do not exist are passed over", "[matching]") {
  const std::vector<std::filesystem::path> folders{"/no/such/folder"};
  CHECK(Lexicon::load(folders)->size() == 0);
}
