// SPDX-License-Identifier: Apache-2.0
#include "core/eval/suite.hpp"

#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace mapctl;
using namespace mapctl::eval;

namespace {

namespace fs = std::filesystem;

// A suite of one task: people to contacts, one pair of equal names and one renamed.
class SampleSuite {
 public:
  SampleSuite() {
    fs::create_directories(task());
    write("source.csv",
          "table,column,type,description\npeople,mail,text,Where to write\n"
          "people,name,text,\npeople,born,date,\npeople,shoe_size,integer,\n");
    write("target.csv",
          "table,column,type,description\ncontact,email,text,\ncontact,name,text,\n"
          "contact,birth_date,date,\n");
    write("truth.csv",
          "source_table,source_column,target_table,target_column\npeople,mail,contact,email\n"
          "people,name,contact,name\npeople,born,contact,birth_date\n");
  }
  fs::path suite() const { return directory_.path() / "people_suite"; }
  fs::path task() const { return suite() / "one"; }
  void write(const char* file, std::string_view text) const {
    write_file_atomically(task() / file, text);
  }

 private:
  TemporaryDirectory directory_;
};

// What loading the task is refused with.
std::string refusal(const SampleSuite& sample, const LoadOptions& options = {}) {
  try {
    static_cast<void>(load_task(sample.task(), options));
  } catch (const Error& error) {
    CHECK(error.facts().code == ErrorCode::invalid_data);
    CHECK_FALSE(error.facts().hint.empty());
    return error.what();
  }
  return {};
}

std::vector<std::string> columns(const catalog::Catalog& side) {
  std::vector<std::string> names;
  for (const auto& entry : side.tables()) {
    for (const auto& column : entry.table->columns) {
      names.push_back(column.name.text);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("a task has two sides and the pairs that are right", "[eval]") {
  const SampleSuite sample;
  LoadOptions options;
  options.keep_order = true;
  const auto task = load_task(sample.task(), options);
  CHECK(task.name == "one");
  CHECK(columns(*task.source) == std::vector<std::string>{"mail", "name", "born", "shoe_size"});
  REQUIRE(task.truth.size() == 3);
  CHECK(task.truth[1] == std::pair{ColumnKey{"people", "mail"}, ColumnKey{"contact", "email"}});
  CHECK(task.source->tables()[0].table->columns[0].comment == "Where to write");
  CHECK_FALSE(task.unpartnered.has_value());
}

TEST_CASE("columns come in a random order that is the same every time", "[eval]") {
  const SampleSuite sample;
  const auto one = columns(*load_task(sample.task(), {}).source);
  CHECK(one == columns(*load_task(sample.task(), {}).source));
  LoadOptions other;
  other.keep_order = true;
  CHECK(one != columns(*load_task(sample.task(), other).source));
}

TEST_CASE("another truth file leaves the columns it does not pair out of both sides", "[eval]") {
  const SampleSuite sample;
  sample.write("truth_renamed.csv",
               "source_table,source_column,target_table,target_column\npeople,mail,contact,email\n"
               "people,born,contact,birth_date\n");
  LoadOptions options;
  options.truth_file = "truth_renamed.csv";
  options.keep_order = true;
  const auto task = load_task(sample.task(), options);
  CHECK(columns(*task.source) == std::vector<std::string>{"mail", "born", "shoe_size"});
  CHECK(columns(*task.target) == std::vector<std::string>{"email", "birth_date"});
  CHECK(task.truth.size() == 2);
}

TEST_CASE("rows give statistics unless they are not wanted", "[eval]") {
  const SampleSuite sample;
  sample.write("source_data.csv", "mail,shoe_size\na@example.org,41\n,44\n");
  auto task = load_task(sample.task(), {});
  const auto* table = task.source->find({{}, catalog::TableName{"people"}});
  const auto* mail = table->find(catalog::ColumnName{"mail"});
  REQUIRE(mail->statistics);
  CHECK(mail->statistics->null_share == 0.5);
  CHECK_FALSE(table->find(catalog::ColumnName{"name"})->statistics);
  LoadOptions options;
  options.use_data = false;
  task = load_task(sample.task(), options);
  CHECK_FALSE(task.source->find({{}, catalog::TableName{"people"}})
                  ->find(catalog::ColumnName{"mail"})
                  ->statistics);
}

TEST_CASE("statuses other than mapped tell which columns have no partner", "[eval]") {
  const SampleSuite sample;
  sample.write("source_status.csv",
               "source_table,source_column,status\npeople,mail,mapped\npeople,name,Ignore\n"
               "people,shoe_size,Ignore\n");
  const auto task = load_task(sample.task(), {});
  REQUIRE(task.unpartnered.has_value());
  // `name` has a truth all the same.
  CHECK(*task.unpartnered == std::vector<ColumnKey>{{"people", "shoe_size"}});
}

TEST_CASE("alternates of the truth are acceptable pairs, without what is true", "[eval]") {
  const SampleSuite sample;
  constexpr std::string_view header = "source_table,source_column,target_table,target_column\n";
  CHECK(load_task(sample.task(), {}).acceptable.empty());
  sample.write("truth_alternates.csv", std::string{header} + "people,mail,contact,email\n" +
                                           "people,mail,contact,birth_date\n");
  const auto task = load_task(sample.task(), {});
  CHECK(task.acceptable == std::vector<std::pair<ColumnKey, ColumnKey>>{
                               {{"people", "mail"}, {"contact", "birth_date"}}});
  sample.write("truth_alternates.csv", std::string{header} + "people,mail,contact,fax\n");
  try {
    static_cast<void>(load_task(sample.task(), {}));
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(std::string{error.what()}.find("contact.fax") != std::string::npos);
    CHECK(std::string{error.what()}.find("truth_alternates.csv") != std::string::npos);
  }
}

TEST_CASE("a truth about a column that does not exist is refused", "[eval]") {
  const SampleSuite sample;
  sample.write("truth.csv",
               "source_table,source_column,target_table,target_column\npeople,mail,contact,fax\n");
  try {
    static_cast<void>(load_task(sample.task(), {}));
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(std::string{error.what()}.find("contact.fax") != std::string::npos);
  }
}

TEST_CASE("a column that does not exist is refused with its file and line", "[eval]") {
  const SampleSuite sample;
  // Blank lines count, and a pair that comes first by name is not the first in the file.
  sample.write("truth.csv",
               "source_table,source_column,target_table,target_column\npeople,name,contact,name\n"
               "\npeople,zip,contact,email\npeople,born,contact,fax\n");
  CHECK(refusal(sample).ends_with(
      "one/truth.csv', line 4: the source column 'people.zip' does not exist"));
}

TEST_CASE("a status of a column that does not exist is refused with its line", "[eval]") {
  const SampleSuite sample;
  sample.write("source_status.csv",
               "source_table,source_column,status\npeople,mail,mapped\npeople,shoe,Ignore\n");
  CHECK(refusal(sample).ends_with(
      "one/source_status.csv', line 3: the source column 'people.shoe' does not exist"));
}

TEST_CASE("a column that is listed twice is refused with both lines", "[eval]") {
  const SampleSuite sample;
  sample.write("source.csv",
               "table,column,type,description\npeople,mail,text,\npeople,name,text,\n"
               "people,born,date,\npeople,mail,text,again\n");
  CHECK(refusal(sample).ends_with(
      "one/source.csv', line 5: the column 'people.mail' is already in line 2"));
}

TEST_CASE("columns that another truth file leaves out are known all the same", "[eval]") {
  const SampleSuite sample;
  constexpr std::string_view header = "source_table,source_column,target_table,target_column\n";
  sample.write("chosen.csv", std::string{header} + "people,mail,contact,email\n");
  sample.write("truth_alternates.csv", std::string{header} + "people,name,contact,email\n");
  sample.write("source_status.csv", "source_table,source_column,status\npeople,name,Ignore\n");
  sample.write("source_data.csv", "name\nAnn\n");
  LoadOptions options;
  options.truth_file = "chosen.csv";
  CHECK(refusal(sample, options).empty());
}

TEST_CASE("rows whose heading names no column are refused", "[eval]") {
  const SampleSuite sample;
  sample.write("source_data.csv", "Mail,Name\na@example.org,Ann\n");
  CHECK(refusal(sample).ends_with("one/source_data.csv', line 1: it names no column of the task"));
  sample.write("source_data.csv", "mail,extra\na@example.org,1\n");
  CHECK(refusal(sample).empty());
  // A column of the other side is none.
  sample.write("source_data.people.csv", "email\na@example.org\n");
  CHECK(refusal(sample).ends_with(
      "one/source_data.people.csv', line 1: it names no column of the table 'people'"));
  LoadOptions options;
  options.use_data = false;
  CHECK(refusal(sample, options).empty());
}

TEST_CASE("rows of a table that does not exist are refused", "[eval]") {
  const SampleSuite sample;
  sample.write("target_data.contacts.csv", "email\na@example.org\n");
  CHECK(refusal(sample).ends_with(
      "one/target_data.contacts.csv' is of the table 'contacts', which does not exist"));
}

TEST_CASE("a table's own rows replace those that all tables share", "[eval]") {
  const SampleSuite sample;
  sample.write("source_data.csv", "mail,name\na@example.org,Ann\n,Bob\n");
  sample.write("source_data.people.csv", "mail\na@example.org\n");
  const auto task = load_task(sample.task(), {});
  const auto* table = task.source->find({{}, catalog::TableName{"people"}});
  CHECK(table->find(catalog::ColumnName{"mail"})->statistics->null_share == 0);
  CHECK(table->find(catalog::ColumnName{"name"})->statistics.has_value());
}

TEST_CASE("a file without one of its columns is refused", "[eval]") {
  const SampleSuite sample;
  sample.write("source.csv", "table,column\npeople,mail\n");
  CHECK_THROWS_AS(load_task(sample.task(), {}), Error);
}

TEST_CASE("a folder of suites is told from a suite", "[eval]") {
  const SampleSuite sample;
  const auto folder = sample.suite().parent_path();
  CHECK(is_suite(sample.suite(), {}));
  CHECK_FALSE(is_suite(folder, {}));
  CHECK(suite_folders(folder, {}) == std::vector<fs::path>{sample.suite()});
  CHECK(task_folders(sample.suite(), {}) == std::vector<fs::path>{sample.task()});
  LoadOptions other;
  other.truth_file = "no_such.csv";
  CHECK_THROWS_AS(task_folders(sample.suite(), other), Error);
  CHECK_THROWS_AS(suite_folders(folder, other), Error);
}
