// SPDX-License-Identifier: Apache-2.0
#include "core/matching/memory/memory.hpp"

#include "core/base/error.hpp"
#include "core/matching/columns/prepared.hpp"
#include "core/matching/matcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/matching/samples.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace mapctl;
using namespace mapctl::matching;
using Catch::Matchers::ContainsSubstring;
using mapping::Decision;
using mapping::Ruling;
using mapping::Verdict;

namespace {

Decision decided(const std::string& source, const std::string& target,
                 Verdict verdict = Verdict::approved, std::string by = "ana", int version = 2) {
  const auto split = [](const std::string& text, char at) {
    const auto place = text.find(at);
    return std::pair{text.substr(0, place), text.substr(place + 1)};
  };
  const auto [connector, rest] = split(source, ':');
  const auto [table, field] = split(rest, '.');
  const auto [entity, target_field] = split(target, '.');
  Decision decision;
  decision.key = {mapping::ConnectorName{connector}, catalog::TableName{table},
                  mapping::FieldPath{field}, mapping::EntityName{entity},
                  mapping::FieldPath{target_field}};
  decision.ruling = {verdict, version, std::move(by), "2026-03-02T10:00:00.000Z"};
  return decision;
}

std::shared_ptr<const catalog::Catalog> entities() {
  auto person = test::table(
      "person", {test::column("person_id"), test::column("email"), test::column("email_2"),
                 test::column("code_word"), test::column("phone")});
  person.kind = catalog::TableKind::entity;
  auto ship = test::table("ship", {test::column("call_sign"), test::column("tonnage")});
  ship.kind = catalog::TableKind::entity;
  return test::catalog_of({person, ship});
}

struct Proposing {
  explicit Proposing(std::vector<Decision> own, std::vector<Decision> shared = {})
      : memory{std::make_shared<const Memory>(std::move(own), std::move(shared),
                                              test::shipped_lexicon())} {}

  mapping::PairProposal propose(const std::vector<std::string>& columns,
                                MatchOptions options = {}) const {
    auto people = test::table("people", {});
    for (const auto& name : columns) {
      people.columns.push_back(test::column(name));
    }
    const auto source = prepare(test::catalog_of({people}), *test::shipped_lexicon());
    const auto target = prepare(entities(), *test::shipped_lexicon());
    return Matcher{test::shipped_knowledge(), std::move(options), {memory, {}, "crm", "canonical"}}
        .match(*source, test::ref("people"), *target, test::ref("person"), {});
  }

  std::shared_ptr<const Memory> memory;
};

const mapping::FieldProposal& field_named(const mapping::PairProposal& proposal,
                                          std::string_view name) {
  const auto found =
      std::find_if(proposal.fields.begin(), proposal.fields.end(),
                   [&](const auto& item) { return item.source_column.text == name; });
  REQUIRE(found != proposal.fields.end());
  return *found;
}

std::string target_of(const mapping::PairProposal& proposal, std::string_view name) {
  const auto& item = field_named(proposal, name);
  return item.decision.empty() ? "" : item.candidates[item.decision[0]].target_column.text;
}

const mapping::Candidate* candidate(const mapping::PairProposal& proposal, std::string_view name,
                                    std::string_view target) {
  for (const auto& one : field_named(proposal, name).candidates) {
    if (one.target_column.text == target) {
      return &one;
    }
  }
  return nullptr;
}

std::string text_of(const mapping::PairProposal& proposal) {
  std::string text;
  append_json(text, proposal);
  return text;
}

std::string cited(const mapping::Candidate* candidate, std::string_view signal = memory_signal) {
  std::string text;
  if (candidate != nullptr) {
    for (const auto& evidence : candidate->evidence) {
      text += evidence.signal == signal ? evidence.detail + "; " : "";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a mapping that was approved is proposed again, citing who, when and which version",
          "[matching][memory]") {
  const Proposing asked{
      {decided("crm:people.zzqx", "person.code_word", Verdict::approved, "ana", 3)}};
  const auto proposal = asked.propose({"zzqx", "phone"});
  CHECK(target_of(proposal, "zzqx") == "code_word");
  const auto* found = candidate(proposal, "zzqx", "code_word");
  CHECK(found->confidence > 0.95);
  CHECK(cited(found) == "this very field was so approved by ana on 2026-03-02 (version 3); ");
  CHECK(target_of(Proposing{{}}.propose({"zzqx", "phone"}), "zzqx").empty());
}

TEST_CASE("a decision for another system counts for a field of the same name",
          "[matching][memory]") {
  const Proposing asked{{decided("erp:persons.zzqx", "person.code_word")}};
  const auto proposal = asked.propose({"ZZQX", "phone"});
  CHECK(target_of(proposal, "ZZQX") == "code_word");
  CHECK_THAT(cited(candidate(proposal, "ZZQX", "code_word")),
             ContainsSubstring("'erp: persons.zzqx' was so approved by ana"));
}

TEST_CASE("more systems that agree make a mapping likelier", "[matching][memory]") {
  const auto confidence = [](std::vector<Decision> decisions) {
    const auto proposal = Proposing{std::move(decisions)}.propose({"zzqx", "phone"});
    const auto* found = candidate(proposal, "zzqx", "code_word");
    return found == nullptr ? 0.0 : found->confidence;
  };
  const auto one = decided("erp:persons.zzqx", "person.code_word");
  const auto two = decided("web:persons.zzqx", "person.code_word");
  CHECK(confidence({one, two}) > confidence({one}));
  CHECK(confidence({one}) > confidence({}));
  // The same system twice is one system.
  CHECK(confidence({one, decided("erp:persons_old.zzqx", "person.code_word")}) <
        confidence({one, two}));
}

TEST_CASE("abbreviations and synonyms of decided names are found", "[matching][memory]") {
  const Proposing asked{{decided("erp:persons.passphrase_number", "person.code_word")}};
  const auto proposal = asked.propose({"PassphraseNbr", "phone"});
  CHECK_THAT(cited(candidate(proposal, "PassphraseNbr", "code_word")),
             ContainsSubstring("passphrase_number"));
}

TEST_CASE("a rejection counts against a mapping", "[matching][memory]") {
  const auto without = Proposing{{}}.propose({"email", "phone"});
  REQUIRE(target_of(without, "email") == "email");
  SECTION("of this very field it rules it out") {
    const auto proposal =
        Proposing{{decided("crm:people.email", "person.email", Verdict::rejected, "ben")}}.propose(
            {"email", "phone"});
    CHECK(target_of(proposal, "email") != "email");
    const auto* found = candidate(proposal, "email", "email");
    if (found != nullptr) {
      CHECK(found->confidence < 0.05);
    }
  }
  SECTION("of another system's field of that name it makes it less likely") {
    const auto proposal =
        Proposing{{decided("erp:staff.email", "person.email", Verdict::rejected, "ben")}}.propose(
            {"email", "phone"});
    const auto* found = candidate(proposal, "email", "email");
    REQUIRE(found != nullptr);
    CHECK(found->confidence < candidate(without, "email", "email")->confidence);
    CHECK_THAT(cited(found), ContainsSubstring("rejected by ben"));
  }
}

TEST_CASE("a rejection never makes a mapping likelier, however unlikely it was",
          "[matching][memory]") {
  MatchOptions all;
  all.top = 50;
  for (const auto* unlikely : {"code_word", "person_id", "phone"}) {
    const auto without = Proposing{{}}.propose({"email", "phone"}, all);
    const auto with = Proposing{
        {decided("crm:people.email", std::string{"person."} + unlikely, Verdict::rejected,
                 "ben")}}.propose({"email", "phone"}, all);
    const auto* before = candidate(without, "email", unlikely);
    const auto* after = candidate(with, "email", unlikely);
    CHECK((after == nullptr ? 0 : after->confidence) <=
          (before == nullptr ? 0.02 : before->confidence));
  }
}

TEST_CASE("a mapping that only memory knows does not hide that the tables' names agree",
          "[matching][memory]") {
  auto customer = test::table("customer", {});
  for (int number = 0; number < 30; ++number) {
    customer.columns.push_back(test::column("quality_" + std::string(1, char('a' + number % 26)) +
                                            std::to_string(number)));
  }
  customer.columns.push_back(test::column("loyalty_tier"));
  const auto from = prepare(
      test::catalog_of({test::table("customer", {test::column("zzqx"), test::column("quality")})}),
      *test::shipped_lexicon());
  const auto to = prepare(test::catalog_of({customer}), *test::shipped_lexicon());
  const auto names_agree = [&](std::vector<Decision> decisions) {
    const Remembered remembered{
        std::make_shared<const Memory>(std::move(decisions), std::vector<Decision>{},
                                       test::shipped_lexicon()),
        {},
        "crm",
        "web"};
    const auto proposal = Matcher{test::shipped_knowledge(), {}, remembered}.match(
        *from, test::ref("customer"), *to, test::ref("customer"), {});
    const auto text = text_of(proposal);
    return text.find("'customer' and 'customer' agree to 100 %") != std::string::npos;
  };
  CHECK(names_agree({}));
  CHECK(names_agree({decided("crm:customer.zzqx", "web.customer.loyalty_tier")}));
}

TEST_CASE("what is known of other systems makes no match of values that do not fit",
          "[matching][memory]") {
  auto line = test::table("line", {test::column("quantity", "integer"), test::column("note")});
  line.kind = catalog::TableKind::entity;
  const auto to = prepare(test::catalog_of({line}), *test::shipped_lexicon());
  const auto confidence = [&](const std::vector<std::string>& values, const std::string& of) {
    const auto from =
        prepare(test::catalog_of({test::table("lines", {test::filled("qty", "string", values)})}),
                *test::shipped_lexicon());
    const Remembered remembered{
        std::make_shared<const Memory>(std::vector{decided(of + ":lines.qty", "line.quantity")},
                                       std::vector<Decision>{}, test::shipped_lexicon()),
        {},
        "crm",
        "canonical"};
    const auto proposal = Matcher{test::shipped_knowledge(), {}, remembered}.match(
        *from, test::ref("lines"), *to, test::ref("line"), {});
    const auto* found = candidate(proposal, "qty", "quantity");
    return found == nullptr ? 0.0 : found->confidence;
  };
  CHECK(confidence({"4", "5", "7"}, "erp") > 0.85);
  CHECK(confidence({"few", "many", "most"}, "erp") < 0.85);
  // What people decided of this very field, they decided.
  CHECK(confidence({"few", "many", "most"}, "crm") > 0.85);
}

TEST_CASE("the state of an address is no status because it is one elsewhere",
          "[matching][memory]") {
  auto client = test::table("client", {test::column("status"), test::column("client_id")});
  client.kind = catalog::TableKind::entity;
  const auto to = prepare(test::catalog_of({client}), *test::shipped_lexicon());
  const auto memory =
      std::make_shared<const Memory>(std::vector{decided("erp:clients.state", "client.status"),
                                                 decided("web:clients.state", "client.status")},
                                     std::vector<Decision>{}, test::shipped_lexicon());
  const auto confidence = [&](const std::vector<std::string>& columns) {
    auto table = test::table("clients", {});
    for (const auto& name : columns) {
      table.columns.push_back(test::column(name));
    }
    const auto from = prepare(test::catalog_of({table}), *test::shipped_lexicon());
    const auto proposal =
        Matcher{test::shipped_knowledge(), {}, {memory, {}, "crm", "canonical"}}.match(
            *from, test::ref("clients"), *to, test::ref("client"), {});
    const auto* found = candidate(proposal, "state", "status");
    return found == nullptr ? 0.0 : found->confidence;
  };
  CHECK(confidence({"client_id", "state"}) > 0.5);
  CHECK(confidence({"client_id", "city", "state", "zip", "country"}) < 0.5);
}

TEST_CASE("a reversal wins over the older decision and is told", "[matching][memory]") {
  auto reversed = decided("crm:people.email", "person.email", Verdict::rejected, "ben", 4);
  reversed.reversed = Ruling{Verdict::approved, 2, "ana", "2026-01-05T08:00:00.000Z"};
  const auto proposal = Proposing{{reversed}}.propose({"email", "phone"}, [] {
    MatchOptions options;
    options.top = 50;
    return options;
  }());
  CHECK(target_of(proposal, "email") != "email");

  auto restored = decided("crm:people.zzqx", "person.code_word", Verdict::approved, "ana", 5);
  restored.reversed = Ruling{Verdict::rejected, 4, "ben", "2026-02-01T08:00:00.000Z"};
  const auto again = Proposing{{restored}}.propose({"zzqx", "phone"});
  CHECK(target_of(again, "zzqx") == "code_word");
  CHECK_THAT(cited(candidate(again, "zzqx", "code_word")),
             ContainsSubstring("which took back: rejected by ben on 2026-02-01 (version 4)"));
}

TEST_CASE("a field that was decided as not used stays without a target", "[matching][memory]") {
  auto unused = decided("crm:people.email", "x.y", Verdict::not_used, "ben", 0);
  unused.key.entity.text.clear();
  unused.key.field.text.clear();
  const auto proposal = Proposing{{unused}}.propose({"email", "phone"});
  CHECK(target_of(proposal, "email").empty());
  CHECK(target_of(proposal, "phone") == "phone");
}

TEST_CASE("decisions that disagree are for a person to look at", "[matching][memory]") {
  const Proposing asked{{decided("erp:persons.mail", "person.email", Verdict::approved, "ana"),
                         decided("web:persons.mail", "person.email_2", Verdict::approved, "ben")}};
  const auto proposal = asked.propose({"mail", "phone"});
  const auto* found = candidate(proposal, "mail", "email");
  REQUIRE(found != nullptr);
  CHECK_THAT(cited(found, conflict_signal), ContainsSubstring("past decisions disagree"));
  CHECK_THAT(cited(found, conflict_signal), ContainsSubstring("ana"));
  CHECK_THAT(cited(found, conflict_signal), ContainsSubstring("ben"));
  CHECK(found->confidence < 0.85);
  REQUIRE_FALSE(found->warnings.empty());
  CHECK_THAT(found->warnings.back(), ContainsSubstring("past decisions disagree"));

  SECTION("a rejection, not an approval, is what speaks against a mapping") {
    const auto disputed = Proposing{
        {decided("erp:persons.mail", "person.email", Verdict::approved, "ana"),
         decided("web:persons.mail", "person.email", Verdict::rejected,
                 "ben")}}.propose({"mail", "phone"});
    const auto* one = candidate(disputed, "mail", "email");
    REQUIRE(one != nullptr);
    CHECK_THAT(cited(one), ContainsSubstring("ana"));
    CHECK_THAT(cited(one), ContainsSubstring("ben"));
    for (const auto& evidence : one->evidence) {
      if (evidence.detail.find("approved by ana") != std::string::npos &&
          evidence.signal == memory_signal) {
        CHECK(evidence.weight >= 0);
      }
    }
  }
  SECTION("but not once this very field was decided") {
    const auto settled = Proposing{
        {decided("erp:persons.mail", "person.email"), decided("web:persons.mail", "person.email_2"),
         decided("crm:people.mail", "person.email_2", Verdict::approved, "eve",
                 7)}}.propose({"mail", "phone"});
    CHECK(target_of(settled, "mail") == "email_2");
    CHECK(cited(candidate(settled, "mail", "email_2"), conflict_signal).empty());
    CHECK(candidate(settled, "mail", "email_2")->confidence > 0.95);
  }
  SECTION("and not where one field feeds both") {
    const auto both = Proposing{{decided("erp:persons.mail", "person.email"),
                                 decided("erp:persons.mail", "person.email_2")}}
                          .propose({"mail", "phone"});
    CHECK(cited(candidate(both, "mail", "email"), conflict_signal).empty());
  }
}

TEST_CASE("the shared baseline answers where the tenant decided nothing", "[matching][memory]") {
  const auto shared = decided("hub:contact.zzqx", "person.code_word", Verdict::approved, "", 0);
  const auto proposal = Proposing{{}, {shared}}.propose({"zzqx", "phone"});
  CHECK(target_of(proposal, "zzqx") == "code_word");
  CHECK_THAT(cited(candidate(proposal, "zzqx", "code_word")),
             ContainsSubstring("by the shared baseline 'hub: contact.zzqx' is 'code_word'"));

  SECTION("and is silent where it did") {
    const auto own = Proposing{{decided("erp:persons.zzqx", "person.phone")}, {shared}}.propose(
        {"zzqx", "other"});
    CHECK(target_of(own, "zzqx") == "phone");
    CHECK_THAT(cited(candidate(own, "zzqx", "code_word")),
               !ContainsSubstring("by the shared baseline"));
  }
}

TEST_CASE("a tenant with many decisions asks the baseline less", "[matching][memory]") {
  std::vector<Decision> own{decided("erp:people.alpha_beta_gamma_delta", "person.phone")};
  const auto shared = decided("hub:contact.alpha_beta_gamma_omega", "person.code_word");
  const auto asks = [&](const std::vector<Decision>& decisions) {
    const auto proposal =
        Proposing{decisions, {shared}}.propose({"alpha_beta_gamma_omega", "other"});
    return cited(candidate(proposal, "alpha_beta_gamma_omega", "code_word"))
               .find("by the shared baseline") != std::string::npos;
  };
  CHECK(asks(own));
  for (std::size_t more = 0; more < Memory::cold_start; ++more) {
    own.push_back(decided("erp:boats.f" + std::to_string(more), "ship.tonnage"));
  }
  CHECK_FALSE(asks(own));
}

TEST_CASE("memory can be left out", "[matching][memory]") {
  const Proposing asked{{decided("crm:people.zzqx", "person.code_word")}};
  MatchOptions options;
  options.use_memory = false;
  CHECK(text_of(asked.propose({"zzqx", "email"}, options)) ==
        text_of(Proposing{{}}.propose({"zzqx", "email"})));
}

TEST_CASE("decisions about other entities have no say", "[matching][memory]") {
  const Proposing asked{{decided("crm:people.zzqx", "ship.call_sign")}};
  CHECK(text_of(asked.propose({"zzqx", "email"})) ==
        text_of(Proposing{{}}.propose({"zzqx", "email"})));
}

TEST_CASE("the order of decisions and of columns does not matter", "[matching][memory]") {
  std::vector<Decision> decisions{
      decided("erp:persons.mail", "person.email"), decided("web:persons.zzqx", "person.code_word"),
      decided("web:persons.tel", "person.phone"), decided("app:users.uid", "person.person_id")};
  const auto first = Proposing{decisions}.propose({"mail", "zzqx", "tel"});
  std::reverse(decisions.begin(), decisions.end());
  const auto second = Proposing{decisions}.propose({"tel", "zzqx", "mail"});
  for (const auto* name : {"mail", "zzqx", "tel"}) {
    CHECK(target_of(first, name) == target_of(second, name));
    // Up to how sums of floats are rounded.
    CHECK(field_named(first, name).confidence ==
          test::Approx(field_named(second, name).confidence).margin(1e-6));
  }
}

TEST_CASE("several threads may ask one memory", "[matching][memory]") {
  const Proposing asked{{decided("erp:persons.mail", "person.email"),
                         decided("web:persons.zzqx", "person.code_word")}};
  const auto wanted = text_of(asked.propose({"mail", "zzqx"}));
  const Proposing fresh{{decided("erp:persons.mail", "person.email"),
                         decided("web:persons.zzqx", "person.code_word")}};
  std::vector<std::string> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& text : found) {
      threads.emplace_back([&] { text = text_of(fresh.propose({"mail", "zzqx"})); });
    }
  }
  for (const auto& text : found) {
    CHECK(text == wanted);
  }
}

TEST_CASE("another decision gives another fingerprint", "[matching][memory]") {
  const auto fingerprint = [](std::vector<Decision> own, std::vector<Decision> shared = {}) {
    return Memory{std::move(own), std::move(shared), test::shipped_lexicon()}.fingerprint();
  };
  const auto one = decided("erp:persons.mail", "person.email");
  auto rejected = one;
  rejected.ruling.verdict = Verdict::rejected;
  auto later = one;
  later.ruling.version = 3;
  auto other = one;
  other.ruling.by = "eve";
  const auto wanted = fingerprint({one});
  CHECK(wanted == fingerprint({one}));
  CHECK(wanted != fingerprint({rejected}));
  CHECK(wanted != fingerprint({later}));
  CHECK(wanted != fingerprint({other}));
  CHECK(wanted != fingerprint({}, {one}));
  CHECK(wanted != fingerprint({}));
}
