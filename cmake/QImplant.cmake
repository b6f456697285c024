# SPDX-License-Identifier: Apache-2.0
# How this project makes libraries, commands, tests and benchmarks: every folder uses these functions.

# ccache is used where it is there. With the sloppiness it caches sources that use a precompiled
# header, and g++ has to be told to leave a trace of the header in the preprocessed text.
find_program(ccache ccache)
mark_as_advanced(ccache)
if(ccache)
  if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
                                    CCACHE_SLOPPINESS=pch_defines,time_macros ${ccache})
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# ir/circle_generated.h and what it includes are behind nearly every source; precompiled, they cost
# 0.7 s a source instead of 3 s (g++ 12). Libraries share one precompiled header and test programs
# another, since only libraries are position-independent; for the few commands one would not pay. No
# source may count on it: the clang preset builds without.
set(q_implant_precompiled_headers
    <algorithm> <cstdint> <memory> <optional> <string> <utility> <vector>
    <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/status/status.h>
    <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
    <absl/types/span.h> <flatbuffers/flatbuffers.h> <ir/circle_generated.h>)

# The first target that names a kind makes its header, which the others reuse.
function(q_implant_precompile target kind)
  get_property(maker GLOBAL PROPERTY q_implant_${kind}_header)
  if(maker)
    target_precompile_headers(${target} REUSE_FROM ${maker})
  else()
    target_precompile_headers(${target} PRIVATE ${q_implant_precompiled_headers} ${ARGN})
    set_property(GLOBAL PROPERTY q_implant_${kind}_header ${target})
  endif()
endfunction()

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
  q_implant_precompile(${target} library)
  install(TARGETS ${target} EXPORT q-implant-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(
    DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/q-implant/${folder}
    FILES_MATCHING
    PATTERN *.h
    PATTERN testing EXCLUDE)
endfunction()

# q_implant_plugin_host(<target>)
# Makes a program one that plugins can be loaded into: it holds the libraries whole and shares them,
# so that there is one copy of everything. What a plugin is linked with is q-implant::plugin.
function(q_implant_plugin_host target)
  set_target_properties(
    ${target}
    PROPERTIES ENABLE_EXPORTS ON
               LINK_LIBRARY_OVERRIDE
               WHOLE_ARCHIVE,q_implant_ir,q_implant_import,q_implant_pass,q_implant_export)
endfunction()

# q_implant_command(<name> [SHARES_ONES_NAME] SOURCES ... [DEPENDS ...])
# A program that is installed under this name in bin. SHARES_ONES_NAME: in a folder of its own, which
# a user puts in front of PATH on purpose.
function(q_implant_command name)
  cmake_parse_arguments(ARG "SHARES_ONES_NAME" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  q_implant_warnings(${name})
  set(folder ${CMAKE_INSTALL_BINDIR})
  if(ARG_SHARES_ONES_NAME)
    set(folder ${CMAKE_INSTALL_LIBEXECDIR}/q-implant/one)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                             ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/one)
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${folder})
endfunction()

# q_implant_check_listed(<pattern> <source>...)
# Ends the configure step where a file of this folder, or of one below that has no list of its own,
# is not among the sources: a test that no list names would silently not run.
function(q_implant_check_listed pattern)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${pattern})
  foreach(file ${found})
    cmake_path(GET file PARENT_PATH below)
    if(file IN_LIST ARGN OR (below AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${below}/CMakeLists.txt))
      continue()
    endif()
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt does not list ${file}")
  endforeach()
endfunction()

# q_implant_tests(<folder> SOURCES ..._test.cc [DEPENDS ...])
# One test program a folder, q_implant_<folder>_test, which ctest runs as one test.
function(q_implant_tests folder)
  if(NOT Q_IMPLANT_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  q_implant_check_listed(*_test.cc ${ARG_SOURCES})
  set(target q_implant_${folder}_test)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE q-implant::${folder} ${ARG_DEPENDS} GTest::gmock_main)
  target_compile_definitions(${target} PRIVATE Q_IMPLANT_TESTDATA="${PROJECT_SOURCE_DIR}/testdata")
  q_implant_warnings(${target})
  q_implant_precompile(${target} test <gmock/gmock.h> <gtest/gtest.h>)
  q_implant_cheap_optimisation(${target})
  add_test(NAME ${folder} COMMAND ${target})
endfunction()

# A test runs for milliseconds: -O1 takes a third less time to compile than -O3, and -O0 saves no more.
function(q_implant_cheap_optimisation target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# q_implant_benchmarks(<folder> SOURCES ..._benchmark.cc [DEPENDS ...])
# One benchmark program a folder, q_implant_<folder>_benchmark; `./dev bench` runs them.
function(q_implant_benchmarks folder)
  if(NOT Q_IMPLANT_BENCHMARKS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  set(target q_implant_${folder}_benchmark)
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(
    ${target} PRIVATE q-implant::${folder} ${ARG_DEPENDS} benchmark::benchmark_main)
  q_implant_warnings(${target})
endfunction()

# The warnings that are off are false ones of g++ 12 when it optimises: about std::string ("a" + b),
# std::optional (a != b) and vectors of bytes that it takes for memory not from the heap. The
# sanitizers look for what they mean at run time.
function(q_implant_warnings target)
  target_compile_options(
    ${target}
    PRIVATE -Wall -Wextra $<$<BOOL:${Q_IMPLANT_WERROR}>:-Werror>
            $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-free-nonheap-object
            -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread>)
endfunction()
