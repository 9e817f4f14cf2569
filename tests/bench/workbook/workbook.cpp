// SPDX-License-Identifier: Apache-2.0
// Rows of twelve cells through the sheet port against libxlsxwriter called directly, and a whole
// review workbook: bench_workbook [ROWS]. Each side runs in a process of its own, so that memory
// is told apart.
#include "core/report/workbook.hpp"

#include "connectors/xlsx/sheets.hpp"
#include "core/base/file.hpp"
#include "tests/bench/figure.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace mapctl;

constexpr int text_cells = 8;
constexpr int cells = 12;

std::string text_of(std::uint32_t row, int column) {
  return fmt::format("value {} of column {}", row % 1000, column);
}

void write_directly(const std::filesystem::path& path, std::uint32_t rows) {
  std::string directory = path.parent_path().string();
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = directory.data();
  lxw_workbook* workbook = workbook_new_opt(path.c_str(), &options);
  lxw_worksheet* sheet = workbook_add_worksheet(workbook, "rows");
  lxw_format* text = workbook_add_format(workbook);
  format_set_num_format(text, "@");
  lxw_format* score = workbook_add_format(workbook);
  format_set_num_format(score, "0.00");
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (int column = 0; column < cells; ++column) {
      const auto at = static_cast<lxw_col_t>(column);
      if (column < text_cells) {
        worksheet_write_string(sheet, row, at, text_of(row, column).c_str(), text);
      } else {
        worksheet_write_number(sheet, row, at, row * 0.37 + column, score);
      }
    }
  }
  workbook_close(workbook);
}

void write_through_port(const std::filesystem::path& path, std::uint32_t rows) {
  const connectors::xlsx::XlsxSheetSinkFactory factory;
  const auto sink = factory.create(path, {});
  ports::SheetOptions options;
  options.name = "rows";
  sink->begin_sheet(options);
  ports::CellStyle text, score;
  text.number = ports::NumberFormat::text;
  score.number = ports::NumberFormat::score;
  std::vector<ports::Cell> row(cells);
  std::vector<std::string> values(text_cells);
  for (std::uint32_t at = 0; at < rows; ++at) {
    for (int column = 0; column < cells; ++column) {
      ports::Cell& cell = row[static_cast<std::size_t>(column)];
      if (column < text_cells) {
        std::string& value = values[static_cast<std::size_t>(column)];
        value = text_of(at, column);
        cell.kind = ports::Cell::Kind::text;
        cell.text = value;
        cell.style = text;
      } else {
        cell.kind = ports::Cell::Kind::number;
        cell.number = at * 0.37 + column;
        cell.style = score;
      }
    }
    sink->row(row, 0);
  }
  sink->close();
}

// Pairs made when they are asked for, as a registry gives them.
class MadePairs final : public report::PairSource {
 public:
  MadePairs(std::size_t pairs, std::size_t columns) : pairs_{pairs}, columns_{columns} {}
  void rewind() override { at_ = 0; }
  const report::PairReport* next() override {
    if (at_ == pairs_) {
      return nullptr;
    }
    current_ = test::plain_pair(++at_, columns_);
    return &current_;
  }

 private:
  std::size_t pairs_, columns_, at_ = 0;
  report::PairReport current_{};
};

void write_review(const std::filesystem::path& path, std::uint32_t rows) {
  constexpr std::size_t columns = 500;
  MadePairs pairs{rows / columns, columns};
  const connectors::xlsx::XlsxSheetSinkFactory factory;
  report::write_workbook(path, test::sample_run().run, pairs, factory);
}

struct Cost {
  double seconds = 0;
  double megabytes = 0;
};

// CPU seconds: both sides wait for the same disk, and neighbours disturb them less.
Cost measure(void (*write)(const std::filesystem::path&, std::uint32_t), std::uint32_t rows) {
  const TemporaryDirectory directory;
  const pid_t child = ::fork();
  if (child == 0) {
    write(directory.path() / "out.xlsx", rows);
    ::_exit(0);
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "writing failed\n");
    std::abort();
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

}  // namespace

int main(int argc, char* argv[]) {
  const auto rows = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 200'000);
  Cost direct = measure(write_directly, rows);
  Cost port = measure(write_through_port, rows);
  // Once more, the other way round, and the faster of each: noise only ever adds.
  port.seconds = std::min(port.seconds, measure(write_through_port, rows).seconds);
  direct.seconds = std::min(direct.seconds, measure(write_directly, rows).seconds);
  const std::string size = fmt::format("{} rows x {} cells", rows, cells);
  bench::figure("workbook", size + ", libxlsxwriter directly", direct.seconds, "CPU s");
  bench::figure("workbook", size + ", sheet port", port.seconds, "CPU s");
  bench::figure("workbook", size + ", sheet port over libxlsxwriter", port.seconds / direct.seconds,
                "ratio", 1.3);
  bench::figure("workbook", size + ", peak memory", port.megabytes, "MB", 64);
  const std::uint32_t mappings = rows / 10;
  const Cost review = measure(write_review, mappings);
  bench::figure("workbook", fmt::format("review workbook of {} mappings", mappings), review.seconds,
                "CPU s");
  bench::figure("workbook", fmt::format("review workbook of {} mappings, peak memory", mappings),
                review.megabytes, "MB", 64);
  return 0;
}
