# SPDX-License-Identifier: Apache-2.0
# Shell completions, printed by the program itself, where the shells look for them.
include_guard(GLOBAL)

function(mapctl_add_completion shell file folder)
  set(output "${PROJECT_BINARY_DIR}/completions/${shell}/${file}")
  cmake_path(GET output PARENT_PATH output_dir)
  file(MAKE_DIRECTORY "${output_dir}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${MAPCTL_RUN_WRAPPER} $<TARGET_FILE:mapctl> completion ${shell} > "${output}"
    DEPENDS mapctl
    VERBATIM
  )
  add_custom_target(mapctl_completion_${shell} ALL DEPENDS "${output}")
  install(FILES "${output}" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
endfunction()

mapctl_add_completion(bash mapctl bash-completion/completions)
mapctl_add_completion(zsh _mapctl zsh/site-functions)
mapctl_add_completion(fish mapctl.fish fish/vendor_completions.d)
