# SPDX-License-Identifier: Apache-2.0
# The CMake package: find_package(q-implant) gives q-implant::ir, ::import, ::pass, ::export, and
# ::plugin for plugins of circle2circle.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/q-implant)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/q-implantConfig.cmake.in ${PROJECT_BINARY_DIR}/q-implantConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/q-implantConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/q-implantConfig.cmake
              ${PROJECT_BINARY_DIR}/q-implantConfigVersion.cmake DESTINATION ${package_dir})
install(EXPORT q-implant-targets NAMESPACE q-implant:: DESTINATION ${package_dir})

if(Q_IMPLANT_TESTS)
  add_test(
    NAME package
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/package_test.sh ${PROJECT_BINARY_DIR} ${CMAKE_CXX_COMPILER}
            ${CMAKE_CXX_FLAGS})
endif()
