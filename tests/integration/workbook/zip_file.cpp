// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/workbook/zip_file.hpp"

#include <stdexcept>

namespace mapctl::test {
namespace {

constexpr const char* head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr const char* main_space =
    "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
constexpr const char* relation_space =
    "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

void check(int code) {
  if (code != ZIP_OK) {
    throw std::runtime_error{"the test's archive cannot be written"};
  }
}

}  // namespace

void write_zip(const std::filesystem::path& path, const ZipParts& parts,
               std::size_t spaces_in_last) {
  zipFile zip = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  if (zip == nullptr) {
    throw std::runtime_error{"the test's archive cannot be opened"};
  }
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const auto& [name, content] = parts[at];
    zip_fileinfo info{};
    check(zipOpenNewFileInZip64(zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                Z_DEFLATED, Z_BEST_COMPRESSION, 1));
    check(zipWriteInFileInZip(zip, content.data(), static_cast<unsigned>(content.size())));
    if (at + 1 == parts.size()) {
      const std::string megabyte(1U << 20U, ' ');
      for (std::size_t written = 0; written < spaces_in_last; ++written) {
        check(zipWriteInFileInZip(zip, megabyte.data(), static_cast<unsigned>(megabyte.size())));
      }
    }
    check(zipCloseFileInZip(zip));
  }
  check(zipClose(zip, nullptr));
}

ZipParts workbook_parts(const std::string& sheet, const std::string& strings,
                        const std::string& styles) {
  ZipParts parts{
      {"_rels/.rels", head + std::string{"<Relationships "} + relation_space +
                          "><Relationship Id=\"a\" Type=\"" + types +
                          "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
      {"xl/workbook.xml",
       head + std::string{"<workbook "} + main_space + " xmlns:r=\"" + types +
           "\"><sheets><sheet name=\"One\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       head + std::string{"<Relationships "} + relation_space + "><Relationship Id=\"s1\" Type=\"" +
           types +
           "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"s2\" Type=\"" +
           types +
           "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"s3\" Type=\"" +
           types + "/styles\" Target=\"/xl/styles.xml\"/></Relationships>"}};
  if (!strings.empty()) {
    parts.emplace_back("xl/sharedStrings.xml",
                       head + std::string{"<sst "} + main_space + ">" + strings + "</sst>");
  }
  if (!styles.empty()) {
    parts.emplace_back("xl/styles.xml", head + std::string{"<styleSheet "} + main_space + ">" +
                                            styles + "</styleSheet>");
  }
  parts.emplace_back("xl/worksheets/sheet1.xml",
                     head + std::string{"<worksheet "} + main_space + ">" + sheet + "</worksheet>");
  return parts;
}

}  // namespace mapctl::test
