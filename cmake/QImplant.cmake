# SPDX-License-Identifier: Apache-2.0
# How this project makes libraries and tests: every folder uses these two functions.

# q_implant_library(<folder> SOURCES ... [DEPENDS ...])
# The static library of a folder, named q_implant_<folder>, with its headers installed.
function(q_implant_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  set(target q_implant_${folder})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(q-implant::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder} POSITION_INDEPENDENT_CODE ON)
  target_include_directories(
    ${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                     $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/q-implant>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS})
  q_implant_warnings(${target})
  install(TARGETS ${target} EXPORT q-implant-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/q-implant/${folder})
endfunction()

# q_implant_tests(<folder> SOURCES ..._test.cc [DEPENDS ...])
# One test program a folder, q_implant_<folder>_test; ctest lists each of its cases.
function(q_implant_tests folder)
  if(NOT Q_IMPLANT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  set(target q_implant_${folder}_test)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE q-implant::${folder} ${ARG_DEPENDS} GTest::gmock_main)
  target_compile_definitions(${target} PRIVATE Q_IMPLANT_TESTDATA="${PROJECT_SOURCE_DIR}/testdata")
  q_implant_warnings(${target})
  add_test(NAME ${folder} COMMAND ${target})
endfunction()

function(q_implant_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra $<$<BOOL:${Q_IMPLANT_WERROR}>:-Werror>)
endfunction()
