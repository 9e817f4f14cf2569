// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/propose_run.hpp"

#include "core/batch/plan.hpp"
#include "core/matching/words/lexicon.hpp"
#include "tests/unit/jobs/project.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

namespace mapctl::jobs::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Strings = std::vector<std::string>;

constexpr const char* people =
    "people,person_id,integer,Number of the person\n"
    "people,first_name,varchar(40),Given name\n"
    "people,last_name,varchar(40),Family name\n"
    "people,email,varchar(80),E-mail address\n"
    "invoices,invoice_no,varchar(20),Number of the invoice\n"
    "invoices,invoice_date,date,Date of the invoice\n"
    "invoices,due_date,date,Day it has to be paid\n"
    "invoices,total_amount,\"decimal(12,2)\",Amount to pay\n";

constexpr const char* contacts =
    "contact,contact_id,integer,Number of the contact\n"
    "contact,first_name,varchar(40),Given name\n"
    "contact,last_name,varchar(40),Family name\n"
    "contact,email,varchar(80),E-mail address\n"
    "bill,invoice_number,varchar(20),Number of the invoice\n"
    "bill,invoice_date,date,Date of the invoice\n"
    "bill,due_date,date,Day it has to be paid\n"
    "bill,total_amount,\"decimal(12,2)\",Amount to pay\n"
    "planet,orbit_radius,double,Distance from the star\n";

// The proposals by job, of a run that stores nothing.
std::vector<mapping::PairProposal> propose(ProposeRun& run, batch::Plan plan) {
  std::vector<mapping::PairProposal> found(run.jobs().size());
  batch::Observers nobody;
  for (const auto& outcome :
       run.propose(plan, [&](const Proposed& proposed) { found[proposed.job] = proposed.proposal; },
                   nobody, {})) {
    if (outcome.error) {
      throw Error{*outcome.error};
    }
  }
  return found;
}

std::string input_hash(Project& project, ProposeRequest wanted) {
  const auto run = project.propose_run(std::move(wanted));
  run->connect({});
  return run->plan().jobs.at(0).input_hash;
}

// How many are inside at once: the most that were, and a wait for company.
class Room {
 public:
  void enter(bool wait_for_another) {
    std::unique_lock lock{mutex_};
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
    if (wait_for_another) {
      changed_.wait_for(lock, 10s, [&] { return most_ > 1; });
    } else {
      // Long enough for a second one to come in, were it let.
      changed_.wait_for(lock, 20ms, [&] { return most_ > 1; });
    }
    --inside_;
  }
  int most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  int most_ = 0;
};

TEST_CASE("requests become jobs in their order, tables in the catalog's", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto run = project.propose_run(
      request({pair("old", "people", "new", "planet"), pair("old", "*", "new", "contact"),
               pair_to_auto("old", "inv*", "new")}));
  run->connect({});
  CHECK(labels(run->jobs()) ==
        Strings{"old: people -> new: planet", "old: invoices -> new: contact",
                "old: people -> new: contact", "old: invoices -> new: auto"});
}

TEST_CASE("a target pattern that one table matches is that table, several are chosen from",
          "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto run = project.propose_run(
      request({pair("old", "people", "new", "con*"), pair("old", "invoices", "new", "*[bn]*")}));
  run->connect({});
  CHECK(labels(run->jobs()) ==
        Strings{"old: people -> new: contact", "old: invoices -> new: auto"});
  CHECK(run->jobs()[1].target_choices ==
        std::vector{table("bill"), table("contact"), table("planet")});
}

TEST_CASE("a name with glob characters can be written out", "[jobs]") {
  Project project;
  project.database("odd",
                   R"(create table "a[1]" (x integer); create table "b*" (x integer);
                      create table "c?d" (x integer); create table "e[" (x integer);)");
  project.dictionary("new", contacts);
  const auto run = project.propose_run(
      request({pair("odd", "a[1]", "new", "contact"), pair("odd", "b*", "new", "contact"),
               pair("odd", "c?d", "new", "contact"), pair("odd", "e[", "new", "contact")}));
  run->connect({});
  CHECK(labels(run->jobs()) == Strings{"odd: a[1] -> new: contact", "odd: b* -> new: contact",
                                       "odd: c?d -> new: contact", "odd: e[ -> new: contact"});
}

TEST_CASE("a table that is not there is a problem with the nearest name", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto run = project.propose_run(
      request({pair("old", "peple", "new", "contact"), pair("old", "people", "new", "contacts"),
               pair("old", "zz_*", "new", "contact"), pair("old", "people", "new", "contact")}));
  run->connect({});
  CHECK(labels(run->jobs()) ==
        Strings{"!old: peple -> new: contact", "!old: people -> new: contacts",
                "!old: zz_* -> new: contact", "old: people -> new: contact"});
  const auto& jobs = run->jobs();
  CHECK(jobs[0].problem->code == ErrorCode::not_found);
  CHECK(jobs[0].problem->message == "'old' has no table 'peple'");
  CHECK_THAT(jobs[0].problem->hint, ContainsSubstring("'people'"));
  CHECK(jobs[1].problem->message == "'new' has no table 'contacts'");
  CHECK_THAT(jobs[1].problem->hint, ContainsSubstring("'contact'"));
  CHECK(jobs[2].problem->message == "no table of 'old' matches 'zz_*'");

  const batch::Plan plan = run->plan();
  REQUIRE(plan.jobs[0].settled);
  CHECK(plan.jobs[0].settled->status == batch::JobStatus::failed);
  CHECK_FALSE(plan.jobs[3].settled);
}

TEST_CASE("an endpoint that cannot be opened is the problem of its pairs alone", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  project.dictionary("broken", "");
  std::filesystem::remove(project.path_of("broken"));
  const auto run = project.propose_run(
      request({pair("old", "people", "nowhere", "x"), pair("old", "people", "new", "contact"),
               pair_to_auto("broken", "*", "new")}));
  run->connect({});
  CHECK(labels(run->jobs()) == Strings{"!old: people -> nowhere: x", "old: people -> new: contact",
                                       "!broken: * -> new: auto"});
  CHECK(run->jobs()[0].problem->message == "there is no profile 'nowhere'");
  CHECK_THAT(run->jobs()[2].problem->message, ContainsSubstring("broken.csv"));
}

TEST_CASE("the same pair twice is refused, also through patterns", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto facts = facts_of([&] {
    project
        .propose_run(request(
            {pair("old", "peo*", "new", "contact"), pair("old", "people", "new", "contact")}))
        ->connect({});
  });
  CHECK(facts.code == ErrorCode::configuration);
  CHECK_THAT(facts.message, ContainsSubstring("'old: people' to 'new: contact'"));
  CHECK_THAT(facts_of([&] {
               project
                   .propose_run(request(
                       {pair_to_auto("old", "people", "new"), pair("old", "people", "new", "*")}))
                   ->connect({});
             }).message,
             ContainsSubstring("'old: people' to 'new: auto'"));
}

TEST_CASE("one table may go to the best of two groups of targets", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", std::string{contacts} + "bill_archive,invoice_number,varchar(20),\n" +
                                "contact_archive,email,varchar(80),\n");
  const auto run = project.propose_run(
      request({pair("old", "people", "new", "contact*"), pair("old", "people", "new", "bill*")}));
  run->connect({});
  CHECK(run->jobs().size() == 2);
}

TEST_CASE("auto picks the best target of each source table", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto run = project.propose_run(request({pair_to_auto("old", "*", "new")}));
  run->connect({});
  const auto proposals = propose(*run, run->plan());
  CHECK(proposals[0].source_table == table("invoices"));
  CHECK(proposals[0].target_table == table("bill"));
  CHECK(decisions(proposals[1]) == Strings{"person_id=contact_id", "first_name=first_name",
                                           "last_name=last_name", "email=email"});
  CHECK_FALSE(proposals[1].evidence.empty());
}

TEST_CASE("auto chooses among the targets that were named, though others fit better", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", std::string{contacts} + "contact_log,email,varchar(80),\n" +
                                "contact_log,changed_on,date,\n");
  const auto run = project.propose_run(
      request({pair_to_auto("old", "people", "new"), pair("old", "people", "new", "contact_l*"),
               pair("old", "invoices", "new", "c*")}));
  run->connect({});
  const auto proposals = propose(*run, run->plan());
  CHECK(proposals[0].target_table == table("contact"));
  CHECK(proposals[1].target_table == table("contact_log"));
  CHECK(proposals[2].target_table != table("bill"));
}

TEST_CASE("a table that no target fits ends without one", "[jobs]") {
  Project project;
  project.dictionary("old", "weather,wind_speed,double,\nweather,air_pressure,double,\n");
  project.dictionary("new",
                     "payslip,employee_number,varchar(9),\npayslip,net_salary,double,\n"
                     "parcel,tracking_code,varchar(9),\nparcel,carrier,varchar(9),\n");
  const auto run = project.propose_run(request({pair_to_auto("old", "*", "new")}));
  run->connect({});
  const auto proposals = propose(*run, run->plan());
  CHECK(proposals[0].target_table.table.empty());
  CHECK(proposals[0].fields.size() == 2);
  CHECK(decisions(proposals[0]).empty());
  CHECK(proposals[0].unmapped_targets.empty());
}

TEST_CASE("two tables that are the only ones may be a pair, however little they share", "[jobs]") {
  Project project;
  project.dictionary("old",
                     "ward,email,varchar(80),\nward,wind_speed,double,\n"
                     "ward,air_pressure,double,\nward,humidity,double,\n");
  const std::string parcels =
      "parcel,email,varchar(80),\nparcel,tracking_code,varchar(9),\n"
      "parcel,carrier,varchar(9),\nparcel,shipped_on,date,\n";
  project.dictionary("new", parcels);
  auto wanted = pair_to_auto("old", "*", "new");
  const auto decided = [&] {
    const auto run = project.propose_run(request({wanted}));
    run->connect({});
    return decisions(propose(*run, run->plan()).at(0));
  };
  CHECK(decided().empty());
  wanted.pair_only_tables = true;
  CHECK(decided() == Strings{"email=email"});
  // A second table is a choice again.
  project.dictionary("new", parcels + "payslip,net_salary,double,\n");
  CHECK(decided().empty());
}

TEST_CASE("views are chosen only when there is nothing else, or when named", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.database("shop",
                   "create table contact (contact_id integer, first_name text, last_name text,"
                   " email text); create view people as select contact_id as person_id, first_name,"
                   " last_name, email from contact;");
  const auto target_of = [&](PairRequest wanted) {
    const auto run = project.propose_run(request({std::move(wanted)}));
    run->connect({});
    return propose(*run, run->plan()).at(0).target_table;
  };
  CHECK(target_of(pair_to_auto("old", "people", "shop")) == table("contact"));
  CHECK(target_of(pair("old", "people", "shop", "people")) == table("people"));
  project.database("views", "create table hidden (contact_id integer, email text);");
  project.database("shop", "create view persons as select * from contact;");
  CHECK(target_of(pair("old", "people", "shop", "p*")) == table("people"));
}

TEST_CASE("the input hash changes with a table or an option and with nothing else", "[jobs]") {
  Project project;
  project.database("shop",
                   "create table customers (id integer primary key, email text);"
                   "create table other (x integer);");
  project.dictionary("new", contacts);
  const auto wanted = [] { return request({pair("shop", "customers", "new", "contact")}); };
  const std::string before = input_hash(project, wanted());
  CHECK(before.size() == 64);

  SECTION("not with rows, other tables or other pairs of the plan") {
    project.database("shop",
                     "insert into customers values (1, 'a@example.com');"
                     "alter table other add column y text; create table more (z text);");
    ProposeRequest other = wanted();
    other.workers = 7;
    other.limits["shop"] = 1;
    other.pairs.push_back(pair("shop", "other", "new", "planet"));
    CHECK(input_hash(project, other) == before);
  }
  SECTION("with the source table") {
    project.database("shop", "alter table customers add column phone text;");
    CHECK(input_hash(project, wanted()) != before);
  }
  SECTION("with the target table") {
    project.dictionary("new", std::string{contacts} + "contact,phone,varchar(20),\n");
    CHECK(input_hash(project, wanted()) != before);
  }
  SECTION("with each option") {
    std::set<std::string> hashes{before};
    for (const auto& change : std::vector<std::function<void(matching::MatchOptions&)>>{
             [](auto& options) { options.min_confidence = 0.51; },
             [](auto& options) { options.one_to_one = false; },
             [](auto& options) { options.top = 6; }, [](auto& options) { options.domain = "crm"; },
             [](auto& options) { options.use_data = false; },
             [](auto& options) { options.composites = false; }}) {
      ProposeRequest changed = wanted();
      change(changed.pairs[0].options);
      hashes.insert(input_hash(project, changed));
    }
    CHECK(hashes.size() == 7);
  }
  SECTION("with the lexicon") {
    const auto hash_with = [&](std::shared_ptr<const matching::Lexicon> lexicon) {
      ProposeRun run{wanted(),
                     project,
                     {std::move(lexicon), mapctl::test::shipped_knowledge().combination},
                     system_clock()};
      run.connect({});
      return run.plan().jobs.at(0).input_hash;
    };
    CHECK(hash_with(mapctl::test::shipped_lexicon()) == before);
    const TemporaryDirectory own;
    const auto written = [&](const std::string& lines) {
      std::ofstream{own.path() / "synonyms.tsv"} << lines;
      return matching::Lexicon::load(std::array{own.path()});
    };
    const std::string first = hash_with(written("people\tcustomers\n"));
    CHECK(first != before);
    CHECK(hash_with(written("people\tcustomers\n")) == first);
    CHECK(hash_with(written("people\tclients\n")) != first);
  }
  SECTION("with the targets to choose from") {
    ProposeRequest automatic = request({pair_to_auto("shop", "customers", "new")});
    const std::string hash = input_hash(project, automatic);
    CHECK(hash != before);
    project.dictionary("new", std::string{contacts} + "moon,name,varchar(20),\n");
    CHECK(input_hash(project, automatic) != hash);
  }
}

TEST_CASE("no more jobs of an endpoint run at once than its limit says", "[jobs]") {
  Project project;
  std::string sql;
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    sql += std::string{"create table t_"} + letter + " (email text);";
  }
  project.database("shop", sql);
  project.dictionary("new", contacts);
  const bool limited = GENERATE(true, false);
  ProposeRequest wanted = request({pair("shop", "t_*", "new", "contact")}, 4);
  if (limited) {
    wanted.limits["shop"] = 1;
  }
  Room reading;
  project.before_read = [&](const Project::Read& read) {
    if (read.statistics) {
      reading.enter(!limited);
    }
  };
  const auto run = project.propose_run(std::move(wanted));
  run->connect({});
  batch::Observers nobody;
  run->profile({}, nobody, {});
  CHECK((reading.most() == 1) == limited);

  Room proposing;
  run->propose(run->plan(), [&](const Proposed&) { proposing.enter(!limited); }, nobody, {});
  CHECK((proposing.most() == 1) == limited);
}

TEST_CASE("what keeping a proposal throws fails that job alone", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  const auto run = project.propose_run(request({pair_to_auto("old", "*", "new")}));
  run->connect({});
  batch::Observers nobody;
  const auto outcomes = run->propose(run->plan(),
                                     [](const Proposed& proposed) {
                                       if (proposed.job == 0) {
                                         throw Error{ErrorCode::io, "no room for it"};
                                       }
                                     },
                                     nobody, {});
  CHECK(statuses(outcomes) == Strings{"failed", "done"});
  CHECK(outcomes[0].error->message == "no room for it");
  CHECK(outcomes[1].counts.fields == 4);
}

TEST_CASE("a stop while endpoints are connected is cancelled", "[jobs]") {
  Project project;
  project.dictionary("old", people);
  project.dictionary("new", contacts);
  std::stop_source stop;
  project.before_read = [&](const Project::Read&) { stop.request_stop(); };
  const auto run = project.propose_run(request({pair_to_auto("old", "*", "new")}));
  CHECK(facts_of([&] { run->connect(stop.get_token()); }).code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace mapctl::jobs::test
