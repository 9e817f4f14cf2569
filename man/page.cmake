# SPDX-License-Identifier: Apache-2.0
# One Markdown page to one man page. A line `<!-- include: fragments/exit-codes.md -->` stands for
# that file, relative to the page's folder; such a file includes nothing itself.
cmake_minimum_required(VERSION 3.25)

cmake_path(GET INPUT PARENT_PATH folder)
file(READ "${INPUT}" text)
string(REGEX MATCHALL "<!-- include: [^ ]+ -->" includes "${text}")
foreach(include IN LISTS includes)
  string(REGEX REPLACE "<!-- include: ([^ ]+) -->" "\\1" file "${include}")
  file(READ "${folder}/${file}" fragment)
  string(REPLACE "${include}" "${fragment}" text "${text}")
endforeach()

# Emphasis is written with asterisks; lowdown must not take the underscores of names for it. Its
# flag against emphasis within words also leaves asterisks next to brackets as they are.
string(ASCII 1 underscore)
string(REPLACE "_" "${underscore}" text "${text}")

# No date: equal sources give equal pages.
string(TOUPPER "${NAME}" title)
file(WRITE "${OUTPUT}.md" "${text}")
execute_process(
  COMMAND
    "${LOWDOWN}" -s -Tman --out-no-smarty -M "title=${title}" -M "section=${SECTION}" -M "date="
    -M "source=mapctl ${VERSION}" -M "volume=mapctl manual" -o "${OUTPUT}.tmp" "${OUTPUT}.md"
  COMMAND_ERROR_IS_FATAL ANY
)
file(READ "${OUTPUT}.tmp" page)
string(REPLACE "${underscore}" "_" page "${page}")
file(WRITE "${OUTPUT}" "${page}")
file(REMOVE "${OUTPUT}.md" "${OUTPUT}.tmp")
