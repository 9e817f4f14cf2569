// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/archive.hpp"
#include "connectors/xlsx/sheets.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/report/workbook.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/report/sample_run.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

using namespace mapctl;

namespace {

// A full disk, as far as a process can have one of its own: no file may grow beyond `bytes`. What
// the child tells is 0 for Error::resource_limit.
template <class Write>
int with_full_disk(rlim_t bytes, Write write) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int code = 3;
    try {
      write();
    } catch (const Error& error) {
      code = error.code() == ErrorCode::resource_limit ? 0 : 2;
    } catch (...) {
      code = 4;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

test::SampleRun wide_run() {
  test::SampleRun sample;
  sample.run = test::sample_run().run;
  sample.pairs = {test::plain_pair(1, 3000)};
  return sample;
}

std::size_t files_in(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator{directory}, {}));
}

}  // namespace

TEST_CASE("equal runs give equal bytes", "[workbook]") {
  const test::SampleRun sample = test::sample_run();
  const connectors::xlsx::XlsxSheetSinkFactory sheets;
  const TemporaryDirectory directory;
  report::PairList pairs{sample.pairs};
  report::write_workbook(directory.path() / "a.xlsx", sample.run, pairs, sheets);
  ::sleep(2);  // zip keeps times in steps of two seconds
  report::write_workbook(directory.path() / "b.xlsx", sample.run, pairs, sheets);
  CHECK(read_file(directory.path() / "a.xlsx") == read_file(directory.path() / "b.xlsx"));
  CHECK(files_in(directory.path()) == 2);
}

TEST_CASE("a full disk leaves the old workbook and no half one", "[workbook]") {
  const test::SampleRun sample = wide_run();
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "out.xlsx";
  const connectors::xlsx::XlsxSheetSinkFactory sheets;
  report::PairList pairs{sample.pairs};
  report::write_workbook(path, sample.run, pairs, sheets);
  const auto whole = std::filesystem::file_size(path);
  write_file_atomically(path, "old");
  // From a sheet's rows that do not fit to an archive that lacks its last bytes.
  for (const rlim_t bytes :
       {rlim_t{4096}, rlim_t{100'000}, rlim_t{1'000'000}, rlim_t{whole / 2}, rlim_t{whole - 10}}) {
    INFO(bytes);
    CHECK(with_full_disk(bytes, [&] { report::write_workbook(path, sample.run, pairs, sheets); }) ==
          0);
    CHECK(read_file(path) == "old");
    CHECK(files_in(directory.path()) == 1);
  }
}

TEST_CASE("a full disk leaves the old archive and no half one", "[workbook]") {
  const test::SampleRun sample = wide_run();
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "out.zip";
  const connectors::xlsx::XlsxSheetSinkFactory sheets;
  const connectors::xlsx::ZipArchiveSinkFactory archives;
  report::PairList pairs{sample.pairs};
  write_file_atomically(path, "old");
  for (const rlim_t bytes : {rlim_t{4096}, rlim_t{1'000'000}}) {
    INFO(bytes);
    CHECK(with_full_disk(bytes, [&] {
            report::write_workbook_archive(path, sample.run, pairs, sheets, archives);
          }) == 0);
    CHECK(read_file(path) == "old");
    CHECK(files_in(directory.path()) == 1);
  }
}

TEST_CASE("a folder that cannot be written to is named", "[workbook]") {
  const test::SampleRun sample = test::sample_run();
  const connectors::xlsx::XlsxSheetSinkFactory sheets;
  report::PairList pairs{sample.pairs};
  try {
    report::write_workbook("/nonexistent-folder/out.xlsx", sample.run, pairs, sheets);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
    CHECK(std::string{error.what()}.find("/nonexistent-folder/out.xlsx") != std::string::npos);
  }
}
