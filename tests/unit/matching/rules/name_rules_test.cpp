// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tests/unit/matching/rules/rules.hpp"

using namespace mapctl;

namespace {

using Texts = std::vector<std::string>;

const Texts given{"Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Tony", "Niklaus"};
const Texts middle{"King", "Brewster", "Mathison", "W.", "Jane", "Ervin", "C.", "Emil"};
const Texts family{"Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Hoare", "Wirth"};

template <class Make>
Texts of_rows(Make make) {
  Texts result;
  for (std::size_t row = 0; row < given.size(); ++row) {
    result.push_back(make(row));
  }
  return result;
}

test::Rules split_into_two(const Texts& names, bool mask = false) {
  auto from = test::table("contacts", {test::filled("full_name", "string", names)});
  auto to = test::table("contacts", {test::filled("first_name", "string", given),
                                     test::filled("last_name", "string", family)});
  return mask ? test::rules_of(test::masked(from), test::masked(to))
              : test::rules_of(std::move(from), std::move(to));
}

}  // namespace

TEST_CASE("of names with a middle name the last word is the last name", "[matching]") {
  const auto names = of_rows([](std::size_t row) {
    return given[row] + " " + (row % 2 == 0 ? middle[row] + " " : "") + family[row];
  });
  for (const bool mask : {false, true}) {
    const auto rules = split_into_two(names, mask);
    CHECK(rules.between("full_name", "last_name") == "take part final after a split at ' '");
    CHECK(rules.between("full_name", "first_name") == "take part first after a split at ' '");
    CHECK(rules.says("full_name", "last_name", "4 of them more than two"));
  }
  // A family's name may have several words.
  const auto whole = of_rows([](std::size_t row) { return given[row] + " van " + family[row]; });
  const auto rules = test::rules_of(
      test::table("contacts", {test::filled("full_name", "string", whole)}),
      test::table("contacts", {test::filled("first_name", "string", given),
                               test::filled("last_name", "string", of_rows([](std::size_t row) {
                                              return "van " + family[row];
                                            }))}));
  CHECK(rules.between("full_name", "last_name") == "take part last after a split at ' '");
}

TEST_CASE("names of clients are whole names, whatever their table is called", "[matching]") {
  const auto names = of_rows([](std::size_t row) { return given[row] + " " + family[row]; });
  for (const std::string table : {"customers", "customer", "clients", "people", "patients"}) {
    for (const std::string name : {"customer_name", "client_name", "patient_name"}) {
      const auto rules =
          test::rules_of(test::table(table, {test::filled(name, "string", names)}),
                         test::table("persons", {test::filled("first_name", "string", given),
                                                 test::filled("last_name", "string", family)}));
      CHECK(rules.between(name, "last_name") == "take part last after a split at ' '");
    }
  }
}

TEST_CASE("middle names are taken out of whole names, and put into them", "[matching]") {
  const auto whole =
      of_rows([](std::size_t row) { return given[row] + " " + middle[row] + " " + family[row]; });
  const auto one = test::table("contacts", {test::filled("full_name", "string", whole)});
  const auto three = test::table("contacts", {test::filled("first_name", "string", given),
                                              test::filled("middle_name", "string", middle),
                                              test::filled("last_name", "string", family)});
  const auto split = test::rules_of(one, three);
  CHECK(split.between("full_name", "middle_name") ==
        "take part last after a split at ' ', then take part before_final after a split at ' '");
  CHECK(split.between("full_name", "last_name") == "take part final after a split at ' '");
  CHECK(test::rules_of(three, one).between("first_name", "full_name") ==
        "join first_name, middle_name, last_name with ' '");
  const auto turned = test::table(
      "contacts", {test::filled("full_name", "string", of_rows([](std::size_t row) {
                                  return family[row] + ", " + given[row] + " " + middle[row];
                                }))});
  CHECK(test::rules_of(three, turned).between("last_name", "full_name") ==
        "join last_name, first_name, middle_name as '{1}, {2} {3}'");
  const auto back = test::rules_of(turned, three);
  CHECK(back.between("full_name", "first_name") ==
        "take part last after a split at ',', then trim, then take part first after a split at "
        "' '");
}

TEST_CASE("titles and degrees are no names", "[matching]") {
  const auto titled = of_rows([](std::size_t row) {
    return (row % 2 == 0 ? "Dr. " : "Mrs. ") + given[row] + " " + family[row];
  });
  for (const bool mask : {false, true}) {
    const auto rules = split_into_two(titled, mask);
    CHECK(rules.between("full_name", "first_name") ==
          "take away 'Dr. ' in front, then take away 'Mrs. ' in front, then take part first after "
          "a split at ' '");
    CHECK(rules.says("full_name", "first_name", "8 a title"));
  }
  const auto learned = of_rows([](std::size_t row) {
    return given[row] + " " + family[row] + (row % 2 == 0 ? ", PhD" : " Jr.");
  });
  for (const bool mask : {false, true}) {
    const auto rules = split_into_two(learned, mask);
    CHECK(rules.between("full_name", "last_name") ==
          "take part first after a split at ',', then trim, then take away ' Jr.' at the end, then "
          "take part last after a split at ' '");
    CHECK(rules.says("full_name", "last_name", "8 a degree or the like behind"));
  }
}

TEST_CASE("what is taken off names is taken off where it stands", "[matching]") {
  const auto rule_of = [](const Texts& names) {
    return split_into_two(names).between("full_name", "last_name");
  };
  const std::string last = "take part last after a split at ' '";
  // "Priya Srinivasan" has a " Sr" too.
  CHECK(rule_of({"Priya Srinivasan", "Ada Lovelace Sr", "Grace Hopper", "Alan Turing",
                 "Edsger Dijkstra"}) == "take away ' Sr' at the end, then " + last);
  CHECK(rule_of({"Dr Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra"}) ==
        "take away 'Dr ' in front, then " + last);
  // In front is only the first of several titles.
  CHECK(rule_of({"Prof. Dr. Ada Lovelace", "Dr. Grace Hopper", "Alan Turing", "Tony Hoare"}) ==
        "take away 'Prof. ' in front, then take away 'Dr. ' in front, then " + last);
  CHECK(rule_of({"Dr. Grace Hopper", "Prof. Dr. Ada Lovelace", "Alan Turing", "Tony Hoare"}) ==
        "take away 'Dr. ' in front, then take away 'Prof. ' in front, then take away 'Dr. ' in "
        "front, then take away 'Prof. ' in front, then " +
            last);
  // Nothing is in front of a blank.
  CHECK(rule_of({"Dr Ada Lovelace", "Grace Hopper", " Alan Turing", "Edsger Dijkstra"}) ==
        "trim, then take away 'Dr ' in front, then " + last);
}
