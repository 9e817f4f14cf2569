// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/terminal.hpp"

#include "cli/terminal/output.hpp"
#include "cli/terminal/progress.hpp"
#include "cli/terminal/reporter.hpp"
#include "cli/terminal/table.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "tests/support/catch.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace mapctl;
using namespace mapctl::cli;

namespace {

// What `work` writes to an Output, which must fit into a pipe.
std::string written(const std::function<void(Output&)>& work) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  {
    Output out{ends[1]};
    work(out);
    out.flush();
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  return text;
}

TablePrinter sample() {
  TablePrinter table{{{"name", "Name", false, true}, {"rows", "Rows", true}}};
  table.add(std::vector<std::string>{"名前 of a table", "7"});
  table.add(std::vector<std::string>{"é\x1b[31m\n", "1200"});
  table.add(std::vector<std::string>{"a,b", ""});
  return table;
}

}  // namespace

TEST_CASE("a table is aligned by what a terminal shows, numbers to the right", "[cli]") {
  CHECK(written([](Output& out) { sample().print_table(out, {}); }) ==
        "Name             Rows\n"
        "名前 of a table     7\n"
        "é\\x1B[31m\\n      1200\n"
        "a,b\n");
}

TEST_CASE("a table fits a narrow terminal by cutting what may be cut", "[cli]") {
  Terminal terminal;
  terminal.is_terminal = true;
  terminal.width = 16;
  const std::string text = written([&](Output& out) { sample().print_table(out, terminal); });
  for (const std::string_view line : split(text, '\n')) {
    CHECK(display_width(line) <= 16);
  }
  CHECK(text.find("…") != std::string::npos);
  CHECK(text.find("1200") != std::string::npos);
}

TEST_CASE("csv and json lines keep the texts as they are", "[cli]") {
  CHECK(written([](Output& out) { sample().print_csv(out); }) ==
        "name,rows\n名前 of a table,7\n\"é\x1b[31m\n\",1200\n\"a,b\",\n");
  const std::string lines = written([](Output& out) { sample().print_jsonl(out); });
  CHECK(lines.starts_with("{\"name\":\"名前 of a table\",\"rows\":7}\n"));
  CHECK(lines.find("{\"name\":\"a,b\",\"rows\":null}\n") != std::string::npos);
}

TEST_CASE("a number is one in json lines whatever its sign", "[cli]") {
  TablePrinter table{{{"name", "Name", false}, {"change", "Change", true}}};
  for (const char* text : {"+0.180", "-0.180", "+2", "+-2", "+"}) {
    table.add(std::vector<std::string>{"+1", text});
  }
  CHECK(written([&](Output& out) { table.print_jsonl(out); }) ==
        "{\"name\":\"+1\",\"change\":0.18}\n{\"name\":\"+1\",\"change\":-0.18}\n"
        "{\"name\":\"+1\",\"change\":2}\n{\"name\":\"+1\",\"change\":\"+-2\"}\n"
        "{\"name\":\"+1\",\"change\":\"+\"}\n");
}

TEST_CASE("what would turn the direction of a line is made visible, but not in data", "[cli]") {
  CHECK(printable("a\u202Egpj\u202C.") == "a\\u202Egpj\\u202C.");
  CHECK(printable("\u200E\u200F\u202A\u2066\u2069\u061C") ==
        "\\u200E\\u200F\\u202A\\u2066\\u2069\\u061C");
  // Their neighbours, and letters that are written from right to left.
  for (const char* text :
       {"\u200D", "\u2010", "\u2029", "\u202F", "\u2065", "\u206A", "שם", "\xE2"}) {
    CHECK(printable(text) == text);
  }
  TablePrinter table{{{"name", "Name"}, {"rows", "Rows", true}}};
  table.add(std::vector<std::string>{"x\u202Ey", "1"});
  CHECK(written([&](Output& out) { table.print_table(out, {}); }) ==
        "Name      Rows\nx\\u202Ey     1\n");
  CHECK(written([&](Output& out) { table.print_csv(out); }) == "name,rows\nx\u202Ey,1\n");
}

TEST_CASE("colour surrounds a cell only where it is wanted", "[cli]") {
  Terminal terminal;
  CHECK(styled("x", Style::green, terminal) == "x");
  terminal.color = true;
  CHECK(styled("x", Style::green, terminal) == "\x1b[32mx\x1b[0m");
  CHECK(styled("x", Style::plain, terminal) == "x");
}

TEST_CASE("a full disk under the output is an error, once", "[cli]") {
  const int full = ::open("/dev/full", O_WRONLY);
  REQUIRE(full >= 0);
  Output out{full};
  out.write("text");
  try {
    out.flush();
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::resource_limit);
  }
  CHECK(out.closed());
  CHECK_NOTHROW(out.flush());
  ::close(full);
}

TEST_CASE("progress shows count, failures, rate and time left, and what runs", "[cli]") {
  ProgressState state;
  state.phase = "proposing";
  state.total = 40;
  state.done = 10;
  state.failed = 1;
  state.seconds = 5;
  state.running = {{3, "crm: Account -> account"}, {4, "b"}, {5, "c"}};
  state.since = {{3, 4.0}, {4, 5.0}, {5, 5.0}};
  Terminal terminal;
  terminal.width = 200;
  const std::vector<std::string> lines = render_progress(state, terminal, 2);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "proposing [#####...............] 10/40, 1 failed, 2.0/s, 15.0 s left");
  CHECK(lines[1].starts_with("  crm: Account -> account 1"));
  CHECK(lines[3] == "  and 1 more");
  terminal.width = 30;
  for (const std::string& line : render_progress(state, terminal, 2)) {
    CHECK(display_width(line) < 30);
  }
}

TEST_CASE("a phase without parts to count shows its name alone", "[cli]") {
  CHECK(render_progress({.phase = "writing crm.xlsx"}, {}, 2) ==
        std::vector<std::string>{"writing crm.xlsx"});
}
